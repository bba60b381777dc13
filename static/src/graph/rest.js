// Requests of the editor. What the server refuses comes as a Refused with its words and pointers.
const token = () => document.querySelector('[name=csrfmiddlewaretoken]')?.value ?? '';

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || 'The server did not answer.');
    this.status = status;
    this.errors = problem.errors ?? [];
    this.words = this.errors.length && status === 400 ? this.errors.map((error) => error.message).join(' ') : this.message;
  }
}

export async function call(method, path, body, headers = {}) {
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...(method === 'GET' ? {} : { 'X-CSRFToken': token() }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refused(0, { detail: 'The server cannot be reached. Your work is kept in this browser.' });
  }
  const data = answer.headers.get('Content-Type')?.includes('json') ? await answer.json() : {};
  if (!answer.ok) throw new Refused(answer.status, data);
  return data;
}

export const get = (path) => call('GET', path);
export const post = (path, body) => call('POST', path, body);

export function graphOf(answer) {
  const { entry_node_id, nodes, edges } = answer;
  return { entry_node_id, nodes, edges };
}

export const loadGraph = (scene) => get(`/game-scenes/${scene}/graph`);
export const loadVocabulary = (scene) => get(`/game-scenes/${scene}/vocabulary`);
export const loadChanges = (scene, since) => get(`/game-scenes/${scene}/changes?since=${since}`);
export const tellDraft = (scene, graph) => post(`/game-scenes/${scene}/graph/draft`, fit(graph));
export const saveGraph = (scene, graph, version) => call('PUT', `/game-scenes/${scene}/graph`, fit(graph), { 'If-Match': `"v${version}"` });

// A form leaves empty lists and texts behind where nothing was chosen yet; they say nothing.
export function fit(graph) {
  const kept = (value) => {
    if (Array.isArray(value)) return value.map(kept);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).filter(([, part]) => !isEmpty(part)).map(([key, part]) => [key, key === 'extensions' ? part : kept(part)]));
  };
  return {
    entry_node_id: graph.entry_node_id,
    nodes: graph.nodes.map((node) => ({ ...node, meta: kept(node.meta ?? {}) })),
    edges: graph.edges.map((edge) => ({ ...edge, conditions: kept(edge.conditions), effects: kept(edge.effects), meta: kept(edge.meta ?? {}) })),
  };
}

function isEmpty(value) {
  return value === '' || (Array.isArray(value) && !value.length) || (value !== null && typeof value === 'object' && !Array.isArray(value) && !Object.keys(value).length);
}
