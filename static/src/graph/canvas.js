// The canvas: React Flow draws what the session holds and reports what hands do. Only what is in view is in the page.
import { Background, html, ReactFlow, SelectionMode, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from '../../vendor/graph.js';
import { Acts, Card, Exit, Far, Way } from './card.js';
import { CARD, nameOf, place, POST } from './model.js';
import { Overview } from './overview.js';
import { problemsOf } from './telling.js';

const nodeTypes = { card: Card, exit: Exit };
const edgeTypes = { way: Way };
const FAR = 0.42;
const LEGIBLE = 0.46;
const MANY = 150; // from here on the first look is at the start, not at everything
const PORT = 18;
const SHEET = '(width < 48rem)'; // where the inspector is a sheet over the lower part
const HANDLES = [
  { type: 'target', position: 'left', x: 0, y: (CARD.height - PORT) / 2, width: PORT, height: PORT },
  { type: 'source', position: 'right', x: CARD.width - PORT, y: (CARD.height - PORT) / 2, width: PORT, height: PORT },
];
// The same objects at every drawing: what is new makes React Flow draw every card again.
const FIT = { maxZoom: 1, padding: 0.12 };
const QUIET = { hideAttribution: true };
const WAYS = { type: 'way' };
const BUTTONS = [1, 2];
const EXIT = { width: POST.width, height: POST.height };
const EXIT_HANDLES = [{ type: 'target', position: 'left', x: 0, y: (POST.height - PORT) / 2, width: PORT, height: PORT }];
const ARROW = 'ge-arrow'; // one marker of our own: React Flow would name one for every edge at every change

let fingers = 0; // on the page now
addEventListener('pointerdown', () => { fingers += 1; }, true);
for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => { fingers = Math.max(0, fingers - 1); }, true);

export function useSession(session) {
  return useSyncExternalStore(session.subscribe, session.snapshot);
}

export function Canvas({ session, acts, selecting }) {
  const state = useSession(session);
  const { graph, selection, told, problems, jobs, lie, vocabulary, coverage } = state;
  const [moving, setMoving] = useState(null);
  const [far, setFar] = useState(false);
  const known = useRef({ nodes: new Map(), edges: new Map() });
  const flaws = useMemo(() => grouped(problems), [problems]);
  const kinds = useMemo(() => new Map(vocabulary.kinds.map((kind) => [kind.value, kind.title])), [vocabulary]);
  const scenes = useMemo(() => new Map(vocabulary.picks.scenes.map((scene) => [scene.id, scene])), [vocabulary]);

  const resting = useMemo(() => {
    const chosen = { nodes: new Set(selection.nodes), edges: new Set(selection.edges) };
    const next = new Map();
    for (const node of graph.nodes) {
      const position = node.meta?.position ?? lie.get(node.id) ?? { x: 0, y: 0 };
      const made = [node, told.nodes[node.id], flaws.get(`node ${node.id}`), jobs[node.id], graph.entry_node_id === node.id, kinds, coverage, chosen.nodes.has(node.id), position.x, position.y];
      next.set(node.id, reused(known.current.nodes.get(node.id), made, () => cardOf(node, position, made)));
    }
    for (const [edge, index] of exits(graph)) {
      const made = [edge, told.edges[edge.id], scenes.get(edge.to_scene_id), index, chosen.edges.has(edge.id), flaws.get(`edge ${edge.id}`)];
      next.set(`exit:${edge.id}`, reused(known.current.nodes.get(`exit:${edge.id}`), made, () => exitOf(edge, made)));
    }
    known.current.nodes = next;
    return [...next.values()].map((one) => one.value);
  }, [graph, selection, told, flaws, jobs, lie, kinds, scenes, coverage]);
  // While cards are dragged only they are new.
  const nodes = useMemo(() => (moving ? resting.map((node) => (moving.has(node.id) ? { ...node, position: moving.get(node.id) } : node)) : resting), [resting, moving]);

  const edges = useMemo(() => {
    const chosen = new Set(selection.edges);
    const names = new Map(graph.nodes.map((node) => [node.id, nameOf(node)]));
    const lanes = new Map();
    const next = new Map();
    for (const edge of graph.edges) {
      const pair = `${edge.from_node_id} ${edge.to_node_id ?? edge.id}`;
      const lane = lanes.get(pair) ?? 0;
      lanes.set(pair, lane + 1);
      const made = [edge, told.edges[edge.id], flaws.get(`edge ${edge.id}`), chosen.has(edge.id), lane, names.get(edge.from_node_id), names.get(edge.to_node_id), coverage];
      next.set(edge.id, reused(known.current.edges.get(edge.id), made, () => wayOf(edge, made)));
    }
    known.current.edges = next;
    return [...next.values()].map((one) => one.value);
  }, [graph, selection.edges, told, flaws, coverage]);

  const only = selection.nodes.length === 1 ? selection.nodes[0] : null;
  useEffect(() => (only && matchMedia(SHEET).matches ? whenLetGo(() => acts.showAbove(only)) : undefined), [only, acts]);

  const onNodesChange = useCallback((changes) => {
    const moved = changes.filter((change) => change.type === 'position' && change.position);
    if (moved.length) {
      const spots = new Map(moved.map((change) => [change.id, change.position]));
      if (moved.some((change) => change.dragging)) setMoving((before) => new Map([...(before ?? []), ...spots]));
      else { setMoving(null); session.change(moved.length > 1 ? `Moving ${moved.length} nodes` : 'Moving a node', (now) => place(now, spots)); }
    }
    selectBy(session, 'nodes', changes, (id) => (id.startsWith('exit:') ? null : id));
    const posts = changes.filter((change) => change.type === 'select' && change.selected && change.id.startsWith('exit:'));
    if (posts.length) session.select([], posts.map((change) => change.id.slice(5)));
  }, [session]);
  const onEdgesChange = useCallback((changes) => selectBy(session, 'edges', changes, (id) => id), [session]);
  const onMove = useCallback((_, { zoom }) => setFar(zoom < FAR), []);
  const hands = useMemo(() => ({
    onNodeContextMenu: (event, node) => acts.menu(event, node.type === 'exit' ? { edge: node.id.slice(5) } : { node: node.id }),
    onEdgeContextMenu: (event, edge) => acts.menu(event, { edge: edge.id }),
    onSelectionContextMenu: (event, all) => acts.menu(event, { node: all[0]?.id }),
    onPaneContextMenu: (event) => acts.menu(event, {}),
    onNodeDoubleClick: (_, node) => node.type === 'card' && acts.edit(),
  }), [acts]);
  const onInit = useCallback((flow) => {
    acts.flow = flow;
    const { graph: now } = session.state;
    // The address may name a card: #node/harbor.
    const named = decodeURIComponent(location.hash).match(/^#node\/(.+)$/)?.[1];
    if (now.nodes.some((node) => node.id === named)) {
      session.select([named]);
      requestAnimationFrame(() => acts.show(named, 1, 0));
      return;
    }
    // Where everything would be too small to read, the first look is at the start.
    if (now.nodes.length && (now.nodes.length > MANY || flow.getZoom() < LEGIBLE)) requestAnimationFrame(() => acts.show(now.entry_node_id ?? now.nodes[0].id, 0.85, 0));
  }, [session, acts]);

  return html`<${Acts.Provider} value=${acts}><${Far.Provider} value=${far}>
    <${ReactFlow} tabIndex=${0} aria-label="Graph of the scene" aria-describedby="ge-hint" nodes=${nodes} edges=${edges} nodeTypes=${nodeTypes} edgeTypes=${edgeTypes}
      onNodesChange=${onNodesChange} onEdgesChange=${onEdgesChange} onInit=${onInit} onMove=${onMove}
      onConnect=${acts.connected} onConnectEnd=${acts.dropped} onReconnect=${acts.reconnected} isValidConnection=${acts.mayConnect}
      ...${hands} fitViewOptions=${FIT} proOptions=${QUIET} defaultEdgeOptions=${WAYS}
      onlyRenderVisibleElements=${true} disableKeyboardA11y=${true} deleteKeyCode=${null} selectionOnDrag=${selecting} panOnDrag=${selecting ? BUTTONS : true}
      selectionMode=${SelectionMode.Partial} connectionRadius=${36} elevateNodesOnSelect=${true} minZoom=${0.06} maxZoom=${2} fitView=${graph.nodes.length <= MANY}>
      <${Background} gap=${24} size=${1.4} />
      <svg className="ge-defs" aria-hidden="true"><defs><marker id=${ARROW} viewBox="0 0 10 10" refX="9" refY="5" markerWidth="13" markerHeight="13" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" /></marker></defs></svg>
    </${ReactFlow}>
    <${Overview} graph=${graph} lie=${lie} acts=${acts} /></${Far.Provider}></${Acts.Provider}>`;
}

// At once, or as soon as no finger is on the page: a view that moves under a drag takes the card along. Gives what stops the waiting.
function whenLetGo(act) {
  if (!fingers) { act(); return undefined; }
  const waiting = new AbortController();
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => { waiting.abort(); act(); }, { signal: waiting.signal });
  return () => waiting.abort();
}

// The same object as before where nothing about it is new: React Flow then leaves the card alone.
function reused(before, made, build) {
  if (before && before.made.every((part, index) => part === made[index])) return before;
  return { made, value: build() };
}

function cardOf(node, position, [, told, problems, job, start, kinds, coverage, selected]) {
  const kind = kinds.get(node.kind) ?? node.kind;
  return {
    id: node.id, type: 'card', position, selected, ...CARD, measured: CARD, handles: node.kind === 'end' ? HANDLES.slice(0, 1) : HANDLES,
    data: { node, told, problems, job, start, kind, visits: coverage?.nodes.get(node.id) },
    ariaLabel: [nameOf(node), kind, told?.who, start && 'the scene starts here', problems?.length && `${problems.length} ${problems.length > 1 ? 'problems' : 'problem'}`].filter(Boolean).join(', '),
  };
}

function exitOf(edge, [, told, scene, index, selected, problems]) {
  const title = scene?.title ?? told?.scene ?? 'Out of the scene';
  return {
    id: `exit:${edge.id}`, type: 'exit', parentId: edge.from_node_id, position: { x: POST.x, y: POST.y + index * POST.every }, ...EXIT, measured: EXIT, handles: EXIT_HANDLES,
    draggable: false, focusable: false, connectable: false, data: { edge, told, title, url: scene?.url, selected, problems },
    ariaLabel: `Leads to ${title}`,
  };
}

function wayOf(edge, [, told, problems, selected, lane, from, to, coverage]) {
  const gates = told?.conditions?.length ? `if ${told.conditions.join(' and ')}` : '';
  const effects = told?.effects?.length ? `then ${told.effects.join(', ')}` : '';
  return {
    id: edge.id, type: 'way', source: edge.from_node_id, target: edge.to_node_id ?? `exit:${edge.id}`, selected, markerEnd: ARROW, reconnectable: edge.to_node_id ? true : 'source',
    data: { edge, told, problems, lane, visits: coverage?.edges.get(edge.id), loop: edge.from_node_id === edge.to_node_id, posted: !edge.to_node_id },
    ariaLabel: [`${edge.choice_label ? `“${edge.choice_label}”` : 'By itself'} from ${from} to ${to ?? told?.scene ?? 'out of the scene'}`, gates, effects].filter(Boolean).join(', '),
  };
}

function exits(graph) {
  const counts = new Map();
  return graph.edges.filter((edge) => !edge.to_node_id).map((edge) => {
    const index = counts.get(edge.from_node_id) ?? 0;
    counts.set(edge.from_node_id, index + 1);
    return [edge, index];
  });
}

function grouped(problems) {
  const found = new Map();
  for (const kind of ['node', 'edge']) for (const id of new Set(problems.map((problem) => problem[kind]).filter(Boolean))) found.set(`${kind} ${id}`, problemsOf(problems, kind, id));
  return found;
}

function selectBy(session, name, changes, idOf) {
  const picked = changes.filter((change) => change.type === 'select' && idOf(change.id));
  if (!picked.length) return;
  const ids = new Set(session.state.selection[name]);
  for (const change of picked) change.selected ? ids.add(change.id) : ids.delete(change.id);
  const { nodes, edges } = { ...session.state.selection, [name]: [...ids] };
  session.select(nodes, edges);
}
