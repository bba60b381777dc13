// Three versions of a graph made one: what both sides changed in different places goes together, and where they differ it is said.
import { nameOf, same } from './model.js';

const FREE = Symbol('absent');

export function merge(base, mine, theirs) {
  const clashes = [];
  const nodes = mergeThings(base.nodes, mine.nodes, theirs.nodes, 'node', clashes);
  const edges = mergeThings(base.edges, mine.edges, theirs.edges, 'edge', clashes);
  const there = new Set(nodes.map((node) => node.id));
  for (const edge of edges) {
    for (const end of [edge.from_node_id, edge.to_node_id]) {
      if (!end || there.has(end)) continue;
      // One deleted the node the other leads to: it stays, and somebody decides.
      const lost = [mine, theirs, base].map((graph) => graph.nodes.find((node) => node.id === end)).find(Boolean);
      if (!lost) continue;
      there.add(end);
      nodes.push(lost);
      clashes.push({ kind: 'node', id: end, name: nameOf(lost) });
    }
  }
  const entry = pick(base.entry_node_id, mine.entry_node_id, theirs.entry_node_id, () => clashes.push({ kind: 'scene', id: '', name: 'Where the scene starts' }));
  return { graph: { entry_node_id: there.has(entry) ? entry : (nodes[0]?.id ?? null), nodes, edges }, clashes };
}

function pick(base, mine, theirs, clash) {
  if (same(mine, base)) return theirs;
  if (!same(theirs, base) && !same(theirs, mine)) clash();
  return mine;
}

function mergeThings(base, mine, theirs, kind, clashes) {
  const [b, m, t] = [base, mine, theirs].map((list) => new Map(list.map((thing) => [thing.id, thing])));
  const one = (id) => {
    const [old, my, their] = [b, m, t].map((map) => map.get(id) ?? FREE);
    if (my === their || same(my, old)) return their;
    if (same(their, old) || same(my, their)) return my;
    const named = { kind, id, name: nameOf2(my === FREE ? their : my) };
    if (my === FREE || their === FREE || old === FREE) {
      clashes.push(named);
      return my === FREE ? their : my; // changed here, deleted there: what was written stays
    }
    let clashed = false;
    const fields = merged(old, my, their, () => { clashed = true; });
    if (clashed) clashes.push(named);
    return fields;
  };
  const order = sequence(base, mine, theirs);
  return order.map(one).filter((thing) => thing !== FREE);
}

const nameOf2 = (thing) => thing.label || thing.choice_label || thing.id;

// Field by field, the settings one level deeper.
function merged(old, my, their, clash) {
  const result = {};
  for (const key of new Set([...Object.keys(their), ...Object.keys(my)])) {
    const deeper = key === 'meta' && [old[key], my[key], their[key]].every((part) => part && typeof part === 'object');
    const value = deeper ? merged(old[key], my[key], their[key], clash) : pick(old[key], my[key], their[key], clash);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

// The order of who changed it; what the other added comes behind.
function sequence(base, mine, theirs) {
  const ids = (list) => list.map((thing) => thing.id);
  const known = new Set(ids(base));
  const moved = !same(ids(mine).filter((id) => known.has(id)), ids(base).filter((id) => new Set(ids(mine)).has(id)));
  const [first, second] = moved ? [ids(mine), ids(theirs)] : [ids(theirs), ids(mine)];
  return [...new Set([...first, ...second])];
}

// What one version did to the other, for people: [{verb, name, id}].
export function summary(base, graph) {
  const found = [];
  for (const [list, old, kind] of [[graph.nodes, base.nodes, 'node'], [graph.edges, base.edges, 'edge']]) {
    const before = new Map(old.map((thing) => [thing.id, thing]));
    const after = new Set(list.map((thing) => thing.id));
    for (const thing of list) {
      const was = before.get(thing.id);
      if (!was) found.push({ verb: 'added', name: nameOf2(thing), id: thing.id, kind });
      else if (!same(was, thing)) found.push({ verb: onlyMoved(was, thing) ? 'moved' : 'changed', name: nameOf2(thing), id: thing.id, kind });
    }
    for (const thing of old) if (!after.has(thing.id)) found.push({ verb: 'deleted', name: nameOf2(thing), id: thing.id, kind });
  }
  if (base.entry_node_id !== graph.entry_node_id) found.push({ verb: 'changed', name: 'Where the scene starts', id: '', kind: 'scene' });
  return found;
}

export function onlyMoved(was, now) {
  const bare = (thing) => ({ ...thing, meta: { ...thing.meta, position: null } });
  return same(bare(was), bare(now));
}
