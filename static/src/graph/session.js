// One author at one scene: the graph with its past and future, what is selected, what the server says of it. Nothing here draws.
import { arrange } from './tidy.js';
import { follow } from './following.js';
import { readDraft } from './keep.js';
import { merge } from './merge.js';
import { sharing } from './model.js';
import { get, graphOf, loadGraph, loadVocabulary } from './rest.js';
import { Saving } from './saving.js';
import { Telling } from './telling.js';

const STEPS = 200; // undo steps that are kept
const TOGETHER = 1_200; // ms within which typing in one field is one step
const NOTHING = { nodes: [], edges: [] };

export async function open(root) {
  const { scene, world, user, forms, worldPage, controlCenter, coverage } = root.dataset;
  const key = `${user}/${scene}`;
  const [answer, vocabulary, draft] = await Promise.all([loadGraph(scene), loadVocabulary(scene), readDraft(key)]);
  const session = new Session({ root, scene: Number(scene), world: Number(world), user: Number(user), key, urls: { forms, worldPage, controlCenter } }, answer, vocabulary);
  await session.settle();
  if (draft) session.takeUp(draft);
  session.telling.soon(0);
  follow(session);
  if (coverage) get(coverage.replace(/^\/api\/v1/, '')).then(({ nodes, edges }) => session.set({ coverage: { nodes: byId(nodes), edges: byId(edges) } }), () => {});
  return session;
}

const byId = (rows) => new Map(Array.isArray(rows) ? rows.map((row) => [row.id ?? row.key, row]) : Object.entries(rows));

class Session {
  constructor(place, answer, vocabulary) {
    Object.assign(this, place);
    this.listeners = new Set();
    const graph = graphOf(answer);
    this.state = {
      title: answer.title,
      version: answer.version,
      base: graph, // as the server has it
      graph,
      past: [],
      future: [],
      selection: NOTHING,
      lie: new Map(), // where cards without a position lie
      told: { nodes: {}, edges: {} },
      problems: [],
      vocabulary,
      jobs: {},
      coverage: null,
      saving: false,
      conflict: null,
      clashes: [],
      news: null, // what somebody else has just done
      said: '', // for the status line and screen readers
      panel: null, // what covers the inspector: 'generate'
      dialog: null, // 'connect', 'search', 'keys', 'add'
    };
    this.saving = new Saving(this);
    this.telling = new Telling(this);
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = () => this.state;

  set(patch) {
    this.state = { ...this.state, ...patch };
    for (const listener of this.listeners) listener();
  }

  say(text) { this.set({ said: text }); }

  get unsaved() { return this.state.graph !== this.state.base; }

  // -- changing ------------------------------------------------------------------------------------------------------
  change(label, act, together = '') {
    const { graph, past } = this.state;
    const next = act(graph);
    if (next === graph) return;
    const now = performance.now();
    const joined = together && together === this.together && now - this.changedAt < TOGETHER;
    this.together = together;
    this.changedAt = now;
    this.set({ graph: next, past: joined ? past : [...past.slice(1 - STEPS), { graph, label }], future: [] });
    this.changed();
  }

  changed() {
    this.telling.soon();
    this.saving.keep();
  }

  undo() { this.step('past', 'future', 'Undone'); }

  redo() { this.step('future', 'past', 'Done again'); }

  step(from, to, word) {
    const steps = this.state[from];
    if (!steps.length) return;
    const { graph, label } = steps.at(-1);
    this.together = '';
    this.set({ graph, [from]: steps.slice(0, -1), [to]: [...this.state[to], { graph: this.state.graph, label }], said: `${word}: ${label}` });
    this.prune();
    this.changed();
  }

  // The server has another state: mine is what I changed, on top of it, in every step of the past and the future.
  rebase(theirs, version) {
    const { base, graph, past, future } = this.state;
    const fresh = sharing(graph, theirs);
    const moved = (one) => (one === base ? fresh : sharing(fresh, merge(base, one, fresh).graph));
    const steps = (list) => list.map((step) => ({ ...step, graph: moved(step.graph) }));
    this.set({ base: fresh, graph: moved(graph), past: steps(past), future: steps(future), version });
    this.prune();
    this.changed();
  }

  // The kept draft of an earlier visit, on what the server has now.
  takeUp(draft) {
    const { base, version } = this.state;
    this.set({ base: draft.base, graph: draft.graph, past: draft.past, future: draft.future, version: draft.version });
    if (draft.version !== version) this.saving.meet(base, version, []);
    else this.rebase(base, version);
    if (this.unsaved) this.set({ said: 'Your unsaved work of last time is here.' });
  }

  // Cards that have no position yet get one to be seen at; it is saved only when the author moves them.
  async settle() {
    const { graph, lie } = this.state;
    const homeless = graph.nodes.filter((node) => !node.meta?.position && !lie.has(node.id));
    if (!homeless.length) return;
    const next = new Map(lie);
    if (homeless.length === graph.nodes.length) {
      for (const [id, spot] of await arrange(graph)) next.set(id, spot);
    } else {
      const bottom = Math.max(0, ...graph.nodes.map((node) => node.meta?.position?.y ?? 0));
      homeless.forEach((node, index) => next.set(node.id, { x: 260 * (index % 12), y: bottom + 240 * (1 + Math.floor(index / 12)) }));
    }
    this.set({ lie: next });
  }

  places() {
    const { graph, lie } = this.state;
    return new Map(graph.nodes.map((node) => [node.id, node.meta?.position ?? lie.get(node.id) ?? { x: 0, y: 0 }]));
  }

  // -- selecting -----------------------------------------------------------------------------------------------------
  select(nodes = [], edges = []) {
    this.together = '';
    this.set({ selection: nodes.length || edges.length ? { nodes, edges } : NOTHING, panel: null });
  }

  prune() {
    const { graph, selection } = this.state;
    const keep = (ids, list) => {
      const there = new Set(list.map((thing) => thing.id));
      return ids.filter((id) => there.has(id));
    };
    const nodes = keep(selection.nodes, graph.nodes);
    const edges = keep(selection.edges, graph.edges);
    if (nodes.length !== selection.nodes.length || edges.length !== selection.edges.length) this.select(nodes, edges);
  }

  async refreshVocabulary() {
    const vocabulary = await loadVocabulary(this.scene).catch(() => null);
    if (vocabulary) this.set({ vocabulary, title: vocabulary.scene.title });
    this.telling.soon();
  }
}
