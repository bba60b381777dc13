// The server reads the draft after every change: conditions and effects in words, pictures, problems. Moving cards changes nothing it would say.
import { onlyMoved } from './merge.js';
import { tellDraft } from './rest.js';

const CALM = 350; // ms after the last change

export class Telling {
  constructor(session) { this.session = session; }

  soon(wait = CALM) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), wait);
  }

  async ask() {
    const { session } = this;
    const { graph, vocabulary } = session.state;
    if (this.asked && this.asked.vocabulary === vocabulary && toldAlike(this.asked.graph, graph)) return;
    if (this.asking) { this.again = true; return; }
    this.asking = true;
    const answer = await tellDraft(session.scene, graph).catch((error) => (error.status === 0 ? null : { nodes: {}, edges: {}, problems: asProblems(error) }));
    this.asking = false;
    if (answer) {
      this.asked = { graph, vocabulary };
      const { told } = session.state;
      session.set({ told: { nodes: { ...told.nodes, ...answer.nodes }, edges: { ...told.edges, ...answer.edges } }, problems: answer.problems });
    } else {
      this.soon(5_000);
    }
    if (this.again) { this.again = false; this.soon(0); }
  }
}

function asProblems(error) {
  return [{ pointer: '', node: null, edge: null, code: 'refused', message: error.words, severity: 'error' }];
}

function toldAlike(before, now) {
  if (before.edges !== now.edges || before.entry_node_id !== now.entry_node_id || before.nodes.length !== now.nodes.length) return false;
  return before.nodes.every((node, index) => node === now.nodes[index] || (node.id === now.nodes[index].id && onlyMoved(node, now.nodes[index])));
}

// Pointers of problems name places by number; these are the problems of one thing with pointers that begin at it.
export function problemsOf(problems, kind, id) {
  return problems.filter((problem) => problem[kind] === id).map((problem) => ({ ...problem, pointer: problem.pointer.replace(/^\/(nodes|edges)\/\d+/, '') }));
}
