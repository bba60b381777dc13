// One save, guarded by the version it is based on. What others did meanwhile is taken in where it touches nothing of ours, and asked about where it does.
import { dropDraft, writeDraft, writeLast } from './keep.js';
import { merge } from './merge.js';
import { graphOf, loadChanges, loadGraph, saveGraph } from './rest.js';

const CALM = 150; // ms after a change before it is kept in the browser
const CONFLICT = 412;

export class Saving {
  constructor(session) {
    this.session = session;
    addEventListener('pagehide', () => this.leave());
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') this.keepNow(); });
  }

  // -- in the browser ------------------------------------------------------------------------------------------------
  keep() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keepNow(), CALM);
  }

  keepNow() {
    clearTimeout(this.timer);
    const { session } = this;
    const { base, graph, past, future, version } = session.state;
    if (this.kept === graph) return;
    this.kept = graph;
    if (!session.unsaved) { dropDraft(session.key); return; }
    this.writing = true;
    writeDraft(session.key, { base, graph, past, future, version, at: Date.now() }).then((fine) => {
      this.writing = this.kept !== graph; // a later one is on its way
      if (!fine) session.set({ unkept: true });
    });
  }

  leave() {
    const { session } = this;
    const { base, graph, past, future, version } = session.state;
    if (session.unsaved && (this.writing || this.kept !== graph)) writeLast(session.key, { base, graph, past, future, version, at: Date.now() });
    this.keepNow();
  }

  // -- on the server -------------------------------------------------------------------------------------------------
  async save() {
    const { session } = this;
    if (session.state.saving || (session.state.conflict && !session.unsaved)) return false;
    if (!session.unsaved) { session.say('Everything is saved.'); return true; }
    session.set({ saving: true, refused: null });
    try {
      // Asked first, so that the usual meeting of two authors is no failed request; If-Match guards the moment between.
      const since = await loadChanges(session.scene, session.state.version);
      if (since.version !== session.state.version) return await this.collide(since.changes);
      return await this.put(session.state.version);
    } catch (error) {
      if (error.status === CONFLICT) return await this.collide();
      session.set({ refused: error, said: `Not saved: ${error.words}` });
      return false;
    } finally {
      session.set({ saving: false });
      if (this.pending) { this.pending = false; this.pull(); }
    }
  }

  async put(version) {
    const { session } = this;
    const sent = session.state.graph;
    const answer = await saveGraph(session.scene, sent, version);
    // What the author did while it travelled goes on top of what the server made of it.
    session.set({ base: sent });
    session.rebase(graphOf(answer), answer.version);
    session.set({ said: 'Saved.', refused: null, conflict: null, clashes: [], news: null });
    this.kept = null;
    this.keepNow();
    return true;
  }

  // -- others --------------------------------------------------------------------------------------------------------
  // Somebody changed the scene, or a clip has come: take it in, unless both changed the same thing.
  async pull() {
    const { session } = this;
    if (session.state.saving || this.pulling) { this.pending = true; return; }
    this.pulling = true;
    const answer = await loadGraph(session.scene).catch(() => null);
    if (answer && answer.version !== session.state.version) {
      const since = await loadChanges(session.scene, session.state.version).catch(() => ({ changes: [] }));
      session.set({ title: answer.title });
      this.meet(graphOf(answer), answer.version, since.changes);
    }
    this.pulling = false;
    if (this.pending && !session.state.saving) { this.pending = false; this.pull(); }
  }

  meet(theirs, version, changes) {
    const { session } = this;
    const { base, graph } = session.state;
    const { clashes } = merge(base, graph, theirs);
    const words = told(changes);
    if (clashes.length) {
      session.set({ clashes, news: { words, clashes } });
      return;
    }
    session.rebase(theirs, version);
    const others = told(changes.filter((change) => change.by_id !== session.user)); // one's own clips and windows need no banner
    session.set({ clashes: [], news: others.length ? { words: others, clashes: [] } : session.state.news, said: words[0] ?? session.state.said });
  }

  async collide(known) {
    const { session } = this;
    const { base, graph, version } = session.state;
    const [answer, since] = await Promise.all([loadGraph(session.scene), known ? { changes: known } : loadChanges(session.scene, version)]);
    const theirs = graphOf(answer);
    session.set({ conflict: { base, mine: graph, theirs, version: answer.version, changes: told(since.changes), ...merge(base, graph, theirs) } });
    return false;
  }

  async resolve(how) {
    const { session } = this;
    const { conflict, graph, past } = session.state;
    if (how === 'later') { session.set({ conflict: null }); return; }
    if (how === 'theirs') {
      // Mine stays within reach: one step back.
      session.set({ base: conflict.theirs, graph: conflict.theirs, version: conflict.version, past: [...past, { graph, label: 'Taking the other version' }], future: [], conflict: null, clashes: [], news: null, said: 'You have the other version now. Undo brings yours back.' });
      session.prune();
      session.changed();
      return;
    }
    const next = how === 'both' ? conflict.graph : graph;
    session.set({ base: conflict.theirs, graph: next, version: conflict.version, past: next === graph ? past : [...past, { graph, label: 'Keeping both' }], future: [], conflict: null, clashes: [] });
    session.changed();
    await this.save();
  }
}

function told(changes) {
  return changes.flatMap((change) => change.words.map((words) => `${words}${change.by ? ` by ${change.by}` : ''}`));
}
