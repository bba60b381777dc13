// Laying out a graph from left to right. Large ones are computed in a worker, so that the page stays alive.
import { layout } from './layout.js';

const IN_A_WORKER = 300; // nodes; dagre takes about a second for them

export async function arrange(graph) {
  const posts = Map.groupBy(graph.edges.filter((edge) => !edge.to_node_id), (edge) => edge.from_node_id);
  const plain = { nodes: graph.nodes.map((node) => [node.id, posts.get(node.id)?.length ?? 0]), edges: graph.edges.filter((edge) => edge.to_node_id).map((edge) => [edge.from_node_id, edge.to_node_id]) };
  if (graph.nodes.length <= IN_A_WORKER) return new Map(layout(plain));
  return new Promise((done, fail) => {
    const worker = new Worker(new URL('./tidy-worker.js', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }) => { worker.terminate(); done(new Map(data)); };
    worker.onerror = (error) => { worker.terminate(); fail(error); };
    worker.postMessage(plain);
  });
}
