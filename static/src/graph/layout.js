// dagre, with the sizes of our cards. Room between the columns for what stands on the ways.
import dagre from '../../vendor/dagre.js';
import { CARD, POST } from './model.js';

const GAP = { nodesep: 56, ranksep: 210, edgesep: 24 };
const high = (posts) => (posts ? Math.max(CARD.height, POST.y + posts * POST.every) : CARD.height);

export function layout(graph) {
  try {
    return neat(graph);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return plain(graph); // dagre follows ways by recursion, and a chain of a thousand is too deep for it
  }
}

function neat({ nodes, edges }) {
  const graph = new dagre.graphlib.Graph({ multigraph: true }).setGraph({ rankdir: 'LR', ...GAP }).setDefaultEdgeLabel(() => ({}));
  for (const [id, posts] of nodes) graph.setNode(id, { width: CARD.width, height: high(posts) });
  edges.forEach(([from, to], index) => { if (from !== to) graph.setEdge(from, to, {}, String(index)); });
  dagre.layout(graph);
  return nodes.map(([id, posts]) => {
    const { x, y } = graph.node(id);
    return [id, { x: Math.round(x - CARD.width / 2), y: Math.round(y - high(posts) / 2) }];
  });
}

// By how many ways a node is away from the first; columns of what is equally far.
function plain({ nodes, edges }) {
  const out = Map.groupBy(edges, ([from]) => from);
  const column = new Map();
  for (const [id] of nodes) {
    if (column.has(id)) continue;
    column.set(id, 0);
    for (const todo = [id]; todo.length;) {
      const at = todo.shift();
      for (const [, to] of out.get(at) ?? []) if (!column.has(to)) { column.set(to, column.get(at) + 1); todo.push(to); }
    }
  }
  const foot = new Map();
  return nodes.map(([id, posts]) => {
    const [x, y] = [column.get(id) * (CARD.width + GAP.ranksep), foot.get(column.get(id)) ?? 0];
    foot.set(column.get(id), y + high(posts) + GAP.nodesep);
    return [id, { x, y }];
  });
}
