// The graph as a value: every function gives a new one and shares what did not change, so that === says what is the same.
export const CARD = { width: 224, height: 164 };
export const POST = { width: 186, height: 76, x: 238, y: 112, every: 86 }; // signposts of ways out of the scene hang at the right foot of their card
const GAP = { x: 110, y: 56 };

export const nodeOf = (graph, id) => graph.nodes.find((node) => node.id === id);
export const edgeOf = (graph, id) => graph.edges.find((edge) => edge.id === id);
export const nameOf = (node) => node.label || node.id;
export const waysOut = (graph, id) => graph.edges.filter((edge) => edge.from_node_id === id);
export const waysIn = (graph, id) => graph.edges.filter((edge) => edge.to_node_id === id);

// What a form of this scene offers: the names of the world, and those of the graph as it stands, saved or not.
export function picksOf({ graph, vocabulary }) {
  const own = graph.nodes.map((node) => ({ value: node.id, title: nameOf(node) }));
  const known = new Set(vocabulary.picks.flags.map((flag) => flag.value));
  const set = new Set(graph.edges.flatMap((edge) => edge.effects?.flags ?? []).filter((flag) => typeof flag === 'string' && flag && !flag.startsWith('!') && !known.has(flag)));
  return { ...vocabulary.picks, nodes: [...own, ...vocabulary.picks.nodes], flags: [...vocabulary.picks.flags, ...[...set].map((flag) => ({ value: flag, title: flag.replaceAll('_', ' ') }))] };
}

export function same(a, b) {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key]));
}

// `fresh` with the objects of `known` wherever they are equal.
export function sharing(known, fresh) {
  const keep = (list, old) => {
    const by = new Map(old.map((thing) => [thing.id, thing]));
    const kept = list.map((thing) => (by.has(thing.id) && same(by.get(thing.id), thing) ? by.get(thing.id) : thing));
    return kept.length === old.length && kept.every((thing, index) => thing === old[index]) ? old : kept;
  };
  const nodes = keep(fresh.nodes, known.nodes);
  const edges = keep(fresh.edges, known.edges);
  return nodes === known.nodes && edges === known.edges && fresh.entry_node_id === known.entry_node_id ? known : { ...fresh, nodes, edges };
}

export function freeKey(name, taken) {
  let number = 1;
  while (taken.has(`${name}${number}`)) number += 1;
  return `${name}${number}`;
}
const keys = (list) => new Set(list.map((thing) => thing.id));

export function changeNode(graph, id, patch) {
  return { ...graph, nodes: graph.nodes.map((node) => (node.id === id ? { ...node, ...(typeof patch === 'function' ? patch(node) : patch) } : node)) };
}

export function changeEdge(graph, id, patch) {
  return { ...graph, edges: graph.edges.map((edge) => (edge.id === id ? { ...edge, ...(typeof patch === 'function' ? patch(edge) : patch) } : edge)) };
}

export function place(graph, positions) {
  const nodes = graph.nodes.map((node) => {
    const to = positions.get(node.id);
    if (!to) return node;
    const position = { x: Math.round(to.x), y: Math.round(to.y) };
    return same(node.meta?.position, position) ? node : { ...node, meta: { ...node.meta, position } };
  });
  return nodes.every((node, index) => node === graph.nodes[index]) ? graph : { ...graph, nodes };
}

export function addNode(graph, { kind, position, label = '' }) {
  const id = freeKey('node', keys(graph.nodes));
  const node = { id, kind, label, asset_id: null, loopable: false, skippable: true, meta: { position } };
  return { graph: { ...graph, nodes: [...graph.nodes, node], entry_node_id: graph.entry_node_id ?? id }, id };
}

export function connect(graph, from, to) {
  const id = freeKey('edge', keys(graph.edges));
  const edge = { id, from_node_id: from, to_node_id: null, to_scene_id: null, choice_label: null, weight: 1, conditions: null, effects: null, meta: {}, ...to };
  return { graph: { ...graph, edges: [...graph.edges, edge] }, id };
}

export function remove(graph, nodes, edges) {
  const gone = new Set(nodes);
  const cut = new Set(edges);
  const left = graph.nodes.filter((node) => !gone.has(node.id));
  return {
    entry_node_id: gone.has(graph.entry_node_id) ? (left[0]?.id ?? null) : graph.entry_node_id,
    nodes: left,
    edges: graph.edges.filter((edge) => !cut.has(edge.id) && !gone.has(edge.from_node_id) && !gone.has(edge.to_node_id)),
  };
}

// A way takes the place of its neighbour among those that leave the same node: players read them in this order.
export function shift(graph, id, by) {
  const edge = edgeOf(graph, id);
  const siblings = waysOut(graph, edge.from_node_id);
  const other = siblings[siblings.indexOf(edge) + by];
  if (!other) return graph;
  const swap = new Map([[edge, other], [other, edge]]);
  return { ...graph, edges: graph.edges.map((one) => swap.get(one) ?? one) };
}

// What a copy carries: the nodes and the ways among and out of them.
export function cut(graph, ids, world) {
  const wanted = new Set(ids);
  const nodes = graph.nodes.filter((node) => wanted.has(node.id));
  const edges = graph.edges.filter((edge) => wanted.has(edge.from_node_id) && (edge.to_scene_id || !edge.to_node_id || wanted.has(edge.to_node_id)));
  return { world, nodes, edges };
}

export function paste(graph, copied, world, at) {
  const taken = keys(graph.nodes);
  const cutEdges = keys(graph.edges);
  const named = new Map();
  for (const node of copied.nodes) {
    const id = taken.has(node.id) ? freeKey(node.id.replace(/\d+$/, '') || 'node', taken) : node.id;
    taken.add(id);
    named.set(node.id, id);
  }
  const lie = copied.nodes.map((node) => node.meta?.position ?? { x: 0, y: 0 });
  const left = Math.min(...lie.map((one) => one.x));
  const top = Math.min(...lie.map((one) => one.y));
  const nodes = copied.nodes.map((node, index) => {
    const position = { x: Math.round(lie[index].x - left + at.x), y: Math.round(lie[index].y - top + at.y) };
    return { ...node, id: named.get(node.id), meta: { ...node.meta, position } };
  });
  const edges = copied.edges.map((edge) => {
    const id = cutEdges.has(edge.id) ? freeKey('edge', cutEdges) : edge.id;
    cutEdges.add(id);
    const to_scene_id = copied.world === world ? edge.to_scene_id : null; // another world's scenes are not here
    return { ...edge, id, from_node_id: named.get(edge.from_node_id), to_node_id: named.get(edge.to_node_id) ?? null, to_scene_id };
  });
  return { graph: { ...graph, nodes: [...graph.nodes, ...nodes], edges: [...graph.edges, ...edges] }, ids: nodes.map((node) => node.id) };
}

// A free spot beside a card, or at the given point when there is none.
export function spotBeside(graph, lie, id, otherwise) {
  const from = id ? lie.get(id) : null;
  const start = from ? { x: from.x + CARD.width + GAP.x, y: from.y } : otherwise;
  const spot = { x: Math.round(start.x), y: Math.round(start.y) };
  const hit = () => [...lie.values()].some((one) => Math.abs(one.x - spot.x) < CARD.width && Math.abs(one.y - spot.y) < CARD.height);
  while (hit()) spot.y += CARD.height + GAP.y;
  return spot;
}
