// A menu at the pointer or below its button: what can be done with what is there.
import { html, useEffect, useRef } from '../../vendor/graph.js';
import { useSession } from './canvas.js';
import { Icon } from './icons.js';

const EDGE = 12; // pixels to the border of the window

export function Menu({ session, acts }) {
  const { menu } = useSession(session);
  return menu ? html`<${Open} key=${`${menu.kind} ${menu.x} ${menu.y}`} session=${session} acts=${acts} menu=${menu} />` : null;
}

function Open({ session, acts, menu }) {
  const list = useRef(null);
  const close = (back = true) => {
    session.set({ menu: null });
    if (back && menu.back?.isConnected) menu.back.focus({ preventScroll: true });
  };
  useEffect(() => {
    const box = list.current.getBoundingClientRect();
    list.current.style.left = `${Math.max(EDGE, Math.min(menu.x, innerWidth - box.width - EDGE))}px`;
    list.current.style.top = `${Math.max(EDGE, Math.min(menu.y, innerHeight - box.height - EDGE))}px`;
    list.current.querySelector('button:not(:disabled)')?.focus();
    const outside = (event) => { if (!list.current?.contains(event.target)) close(false); };
    addEventListener('pointerdown', outside, true);
    return () => removeEventListener('pointerdown', outside, true);
  }, []);
  const onKeyDown = (event) => {
    const items = [...list.current.querySelectorAll('button:not(:disabled)')];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    event.stopPropagation();
    if (to !== undefined) { event.preventDefault(); items.at(to % items.length)?.focus(); }
    if (event.key === 'Escape' || event.key === 'Tab') { event.preventDefault(); close(); }
  };
  const items = itemsOf(session, acts, menu);
  return html`<div className="ge-menu" role="menu" aria-label=${menu.kind === 'add' ? 'Add a node' : 'What to do'} ref=${list} onKeyDown=${onKeyDown} onContextMenu=${(event) => event.preventDefault()}>
    ${items.map(([icon, label, keys, act, off]) => html`<button type="button" role="menuitem" key=${label} disabled=${off} tabIndex=${-1} onClick=${() => { close(false); act(); }}><${Icon} name=${icon} /><span>${label}</span>${keys && html`<kbd>${keys}</kbd>`}</button>`)}
  </div>`;
}

function itemsOf(session, acts, { kind, at, from, x, y }) {
  const { selection, vocabulary, graph } = session.state;
  const [id] = selection.nodes;
  const node = graph.nodes.find((one) => one.id === id);
  const many = selection.nodes.length > 1;
  if (kind === 'add') return vocabulary.kinds.map((one) => [one.value, one.title, '', () => acts.add(one.value, { from, at })]);
  const add = (after) => ['add', after ? 'Add after it …' : 'Add a node …', after ? 'A' : 'N', () => acts.openMenu({ x, y, kind: 'add', from: after ? id : null, at: after ? null : at })];
  const paste = ['paste', 'Paste', 'Ctrl+V', () => acts.paste()];
  if (kind === 'pane') return [add(false), paste, ['tidy', 'Tidy', 'T', () => acts.tidy()], ['fit', 'Show everything', 'F', () => acts.fit()]];
  const bin = ['bin', 'Delete', 'Del', () => acts.remove()];
  if (kind === 'edge') return [['link', 'Edit the way', 'Enter', () => acts.edit()], bin];
  return [
    ['link', 'Edit', 'Enter', () => acts.edit(), many],
    ['generate', 'Generate and attach …', 'G', () => acts.generate(id), many || !['video', 'dialogue'].includes(node?.kind)],
    ['play', 'Playtest from here', 'P', () => acts.playtest(id), many],
    add(true),
    ['link', 'Connect …', 'C', () => session.set({ dialog: 'connect' }), many || node?.kind === 'end'],
    ['start', 'Start here', 'S', () => acts.startAt(id), many],
    ['copy', 'Copy', 'Ctrl+C', () => acts.copy()],
    ['add', 'Duplicate', 'Ctrl+D', () => acts.duplicate()],
    bin,
  ];
}
