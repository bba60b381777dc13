// Every command by keyboard. Single letters act only while the canvas has the focus, so they never get into the way of typing.
export const KEYS = [
  ['Arrows', 'Go to the card in that direction'],
  ['Tab', 'Go through ways and cards in turn'],
  ['Alt + arrows', 'Move what is selected; with Shift further'],
  ['Enter', 'Edit in the inspector; Esc comes back'],
  ['Space', 'Add to or take from the selection'],
  ['N', 'Add a node'],
  ['A', 'Add a node after this one'],
  ['C', 'Connect to a node or a scene'],
  ['S', 'The scene starts here'],
  ['G', 'Generate and attach'],
  ['P', 'Playtest from here'],
  ['Delete', 'Delete what is selected'],
  ['Ctrl + Z / Y', 'Undo and redo'],
  ['Ctrl + C / V / D', 'Copy, paste (also in another scene), duplicate'],
  ['Ctrl + A', 'Select everything'],
  ['Ctrl + S', 'Save'],
  ['/', 'Search'],
  ['T', 'Tidy'],
  ['F', 'Show everything'],
  ['+ / −', 'Zoom'],
  ['Shift + F10', 'Menu'],
];
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const types = (element) => element.closest('input, textarea, select, dialog, [role=menu]');

// On the whole editor: what works anywhere.
export function anywhere(event, session) {
  if (!(event.ctrlKey || event.metaKey)) return;
  const key = event.key.toLowerCase();
  if (key === 's') { event.preventDefault(); session.saving.save(); return; }
  if (types(event.target)) return; // fields undo their own typing
  if (key === 'z') { event.preventDefault(); event.shiftKey ? session.redo() : session.undo(); }
  if (key === 'y') { event.preventDefault(); session.redo(); }
}

// On the canvas.
export function onCanvas(event, session, acts) {
  if (types(event.target) || event.defaultPrevented) return;
  const edge = event.target.closest('.react-flow__edge')?.dataset.id;
  const node = event.target.closest('.react-flow__node')?.dataset.id ?? (edge ? null : session.state.selection.nodes[0]);
  const act = commandOf(event, session, acts, node, edge);
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

function commandOf(event, session, acts, node, edge) {
  const { key } = event;
  const { selection, graph } = session.state;
  if (event.ctrlKey || event.metaKey) {
    return { c: () => acts.copy(), v: () => acts.paste(), d: () => acts.duplicate(), a: () => session.select(graph.nodes.map((one) => one.id)) }[key.toLowerCase()];
  }
  const way = WAYS[key];
  if (way && event.altKey) return selection.nodes.length ? () => acts.nudge(...way, event.shiftKey) : undefined;
  if (way) return () => (node ? acts.walk(node, ...way) : graph.nodes.length && acts.go(graph.entry_node_id ?? graph.nodes[0].id));
  if (event.altKey) return undefined;
  const box = () => (event.target.closest('.react-flow__node, .react-flow__edge') ?? event.currentTarget).getBoundingClientRect();
  const menu = (kind, more = {}) => () => acts.openMenu({ x: box().left + 24, y: box().top + 24, kind, ...more });
  if (key === 'ContextMenu' || (key === 'F10' && event.shiftKey)) {
    if (edge) acts.pickEdge(edge);
    return menu(edge ? 'edge' : node ? 'node' : 'pane');
  }
  if (key === 'Enter') {
    if (event.target.closest('button, a')) return undefined;
    return () => { if (edge) acts.pickEdge(edge); else if (node && !selection.nodes.includes(node)) session.select([node]); acts.edit(); };
  }
  if (key === ' ') {
    if (event.target.closest('button, a') || !node) return undefined;
    return () => session.select(selection.nodes.includes(node) ? selection.nodes.filter((one) => one !== node) : [...selection.nodes, node]);
  }
  const always = {
    Delete: () => acts.remove(), Backspace: () => acts.remove(), Escape: () => session.select(), n: menu('add'), '/': () => session.set({ dialog: 'search' }), t: () => acts.tidy(), f: () => acts.fit(),
    '+': () => acts.zoom(1.3), '=': () => acts.zoom(1.3), '-': () => acts.zoom(1 / 1.3), '?': () => session.set({ dialog: 'keys' }),
  };
  const withNode = { a: menu('add', { from: node }), c: () => { session.select([node]); session.set({ dialog: 'connect' }); }, s: () => acts.startAt(node), g: () => acts.generate(node), p: () => acts.playtest(node) };
  return always[key] ?? always[key.toLowerCase()] ?? (node ? withNode[key.toLowerCase()] : undefined);
}

// Going to a card by keyboard selects it; what is selected together stays together.
export function onFocus(event, session) {
  const id = event.target.closest?.('.react-flow__node')?.dataset.id;
  if (!id || id.startsWith('exit:') || !event.target.matches(':focus-visible') || session.state.selection.nodes.includes(id)) return;
  session.select([id]);
}
