// Everything an author can do, by whatever hand: toolbar, keys, menus and the canvas call these.
import { arrange } from './tidy.js';
import { copiedIn, copyOut } from './keep.js';
import * as model from './model.js';

const STEP = 20; // pixels an arrow key moves a card; with Shift five times as far

export class Actions {
  constructor(session) { this.session = session; }

  get state() { return this.session.state; }

  get chosen() { return this.state.selection.nodes; }

  // -- looking -------------------------------------------------------------------------------------------------------
  centre() {
    const box = document.querySelector('.ge-canvas').getBoundingClientRect();
    const point = this.flow.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
    return { x: point.x - model.CARD.width / 2, y: point.y - model.CARD.height / 2 };
  }

  show(id, zoom = Math.max(this.flow.getZoom(), 0.6), duration = this.calm()) {
    const spot = this.session.places().get(id);
    if (spot) this.flow.setCenter(spot.x + model.CARD.width / 2, spot.y + model.CARD.height / 2, { zoom, duration });
  }

  // In the upper part, which a sheet leaves free.
  showAbove(id) {
    const spot = this.session.places().get(id);
    const zoom = Math.max(this.flow?.getZoom() ?? 1, 0.6);
    const high = document.querySelector('.ge-canvas').clientHeight;
    if (spot) this.flow?.setCenter(spot.x + model.CARD.width / 2, spot.y + model.CARD.height / 2 + (0.3 * high) / zoom, { zoom, duration: this.calm() });
  }

  calm() { return matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 220; }

  fit = () => this.flow.fitView({ padding: 0.12, maxZoom: 1, duration: this.calm() });

  zoom(by) { this.flow.zoomTo(this.flow.getZoom() * by, { duration: this.calm() }); }

  // Selects a card, brings it into view and gives it the focus as soon as it is drawn.
  go(id) {
    this.session.select([id]);
    const shown = document.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.getBoundingClientRect();
    const box = document.querySelector('.ge-canvas').getBoundingClientRect();
    const inside = shown && shown.left >= box.left && shown.right <= box.right && shown.top >= box.top && shown.bottom <= box.bottom;
    if (!inside) this.show(id, this.flow.getZoom());
    this.focus(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
  }

  focus(selector, tries = 40) {
    const found = document.querySelector(selector);
    if (found) found.focus({ preventScroll: true });
    else if (tries) requestAnimationFrame(() => this.focus(selector, tries - 1));
  }

  edit = () => requestAnimationFrame(() => this.focus('.ge-inspector section :is(input, select, textarea)'));

  pickEdge = (id, event) => {
    event?.stopPropagation();
    this.session.select([], [id]);
  };

  // -- adding and connecting -----------------------------------------------------------------------------------------
  add(kind, { from = null, at = null, label = '' } = {}) {
    let made;
    this.session.change('Adding a node', (graph) => {
      const position = at ? { x: Math.round(at.x), y: Math.round(at.y) } : model.spotBeside(graph, this.session.places(), from ?? this.chosen[0], this.centre());
      made = model.addNode(graph, { kind, position, label });
      return from ? model.connect(made.graph, from, { to_node_id: made.id }).graph : made.graph;
    });
    this.session.say(`Added ${made.id}.`);
    this.go(made.id);
    return made.id;
  }

  connect(from, to) {
    let made;
    this.session.change('Connecting', (graph) => {
      made = model.connect(graph, from, to);
      return made.graph;
    });
    this.session.select([], [made.id]);
    this.session.say('Connected. What stands on the way is in the inspector.');
    return made.id;
  }

  mayConnect = ({ source, target }) => Boolean(source && target && !target.startsWith('exit:'));

  connected = ({ source, target }) => this.connect(source, { to_node_id: target });

  // A line let go over nothing asks what to put there.
  dropped = (event, line) => {
    if (line.toNode || !line.fromNode || line.fromHandle?.type !== 'source') return;
    const { clientX, clientY } = event.changedTouches?.[0] ?? event;
    const at = this.flow.screenToFlowPosition({ x: clientX, y: clientY });
    this.openMenu({ x: clientX, y: clientY, kind: 'add', from: line.fromNode.id, at: { x: at.x, y: at.y - model.CARD.height / 2 } });
  };

  reconnected = (edge, { source, target }) => {
    if (target.startsWith('exit:')) this.session.change('Leading elsewhere', (graph) => model.changeEdge(graph, edge.id, { from_node_id: source }));
    else this.session.change('Leading elsewhere', (graph) => model.changeEdge(graph, edge.id, { from_node_id: source, to_node_id: target, to_scene_id: null }));
  };

  // -- changing ------------------------------------------------------------------------------------------------------
  nudge(dx, dy, far) {
    const by = STEP * (far ? 5 : 1);
    const lie = this.session.places();
    const spots = new Map(this.chosen.map((id) => [id, { x: lie.get(id).x + dx * by, y: lie.get(id).y + dy * by }]));
    this.session.change('Moving', (graph) => model.place(graph, spots), `nudge ${this.chosen.join(' ')}`);
    const first = this.session.places().get(this.chosen[0]);
    this.session.say(`Moved to ${first.x}, ${first.y}.`);
  }

  // To the nearest card in a direction.
  walk(id, dx, dy) {
    const lie = this.session.places();
    const here = lie.get(id);
    let best = null;
    for (const [other, spot] of lie) {
      const along = (spot.x - here.x) * dx + (spot.y - here.y) * dy;
      const aside = Math.abs((spot.x - here.x) * dy) + Math.abs((spot.y - here.y) * dx);
      if (other !== id && along > 10 && (!best || along + 2 * aside < best.far)) best = { other, far: along + 2 * aside };
    }
    if (best) this.go(best.other);
    return Boolean(best);
  }

  remove() {
    const { nodes, edges } = this.state.selection;
    if (!nodes.length && !edges.length) return;
    const beside = nodes.length ? this.state.graph.edges.find((edge) => nodes.includes(edge.to_node_id) && !nodes.includes(edge.from_node_id))?.from_node_id : this.state.graph.edges.find((edge) => edges.includes(edge.id))?.from_node_id;
    this.session.change(nodes.length > 1 ? `Deleting ${nodes.length} nodes` : nodes.length ? 'Deleting a node' : 'Deleting a way', (graph) => model.remove(graph, nodes, edges));
    this.session.select();
    this.session.say(`Deleted. Undo brings ${nodes.length + edges.length > 1 ? 'them' : 'it'} back.`);
    const next = beside ?? this.state.graph.nodes[0]?.id;
    if (next) this.go(next);
  }

  startAt(id) { this.session.change('Starting elsewhere', (graph) => (graph.entry_node_id === id ? graph : { ...graph, entry_node_id: id })); }

  async tidy() {
    const { graph, selection } = this.state;
    this.session.say('Tidying …');
    const wanted = selection.nodes.length > 1 ? new Set(selection.nodes) : null;
    const part = wanted ? model.cut(graph, selection.nodes, 0) : graph;
    const spots = await arrange(part).catch(() => null);
    if (!spots) return this.session.say('This graph could not be tidied; nothing has changed.');
    if (wanted) shiftTo(spots, selection.nodes.map((id) => this.session.places().get(id)));
    this.session.change('Tidying', (now) => model.place(now, spots));
    this.session.say('Tidied.');
    return wanted ? undefined : this.fit();
  }

  // -- copying -------------------------------------------------------------------------------------------------------
  copy() {
    if (!this.chosen.length) return this.session.say('Select nodes to copy first.');
    const fine = copyOut(model.cut(this.withPlaces(), this.chosen, this.session.world));
    this.session.say(fine ? `Copied ${this.chosen.length} ${this.chosen.length > 1 ? 'nodes' : 'node'}. Paste them here or in another scene.` : 'This browser does not let us copy.');
  }

  paste() {
    const copied = copiedIn();
    if (!copied?.nodes?.length) return this.session.say('Nothing was copied yet.');
    this.putIn(copied, this.centre(), 'Pasting');
  }

  duplicate() {
    if (!this.chosen.length) return;
    const copied = model.cut(this.withPlaces(), this.chosen, this.session.world);
    const spots = copied.nodes.map((node) => node.meta.position);
    this.putIn(copied, { x: Math.min(...spots.map((one) => one.x)) + 48, y: Math.max(...spots.map((one) => one.y)) + model.CARD.height + 48 }, 'Duplicating');
  }

  putIn(copied, at, label) {
    let made;
    this.session.change(label, (graph) => {
      made = model.paste(graph, copied, this.session.world, at);
      return made.graph;
    });
    this.session.select(made.ids);
    this.session.say(`${made.ids.length} ${made.ids.length > 1 ? 'nodes are' : 'node is'} here.`);
    this.focus(`.react-flow__node[data-id="${CSS.escape(made.ids[0])}"]`);
  }

  withPlaces() { return model.place(this.state.graph, this.session.places()); }

  // -- elsewhere -----------------------------------------------------------------------------------------------------
  generate = (id) => {
    this.session.select([id]);
    this.session.set({ panel: 'generate' });
    this.edit();
  };

  // Another part of the site may offer a playtest: it answers by preventing the default, and reads the graph as it is on the screen.
  playtest = (id) => {
    const { graph, version } = this.state;
    const detail = { node: id, scene: this.session.scene, world: this.session.world, version, graph, unsaved: this.session.unsaved, save: () => this.session.saving.save() };
    const open = this.session.root.dispatchEvent(new CustomEvent('graph:playtest', { bubbles: true, cancelable: true, detail }));
    if (open) this.session.say('There is no playtest on this page. Save, and play the world from its page.');
  };

  menu = (event, about) => {
    event.preventDefault();
    event.stopPropagation();
    if (about.node && !this.chosen.includes(about.node)) this.session.select([about.node]);
    if (about.edge) this.session.select([], [about.edge]);
    this.openMenu({ x: event.clientX, y: event.clientY, kind: about.node ? 'node' : about.edge ? 'edge' : 'pane', at: this.flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }) });
  };

  openMenu(menu) { this.session.set({ menu: { ...menu, back: document.activeElement } }); }
}

function shiftTo(spots, before) {
  const least = (list, axis) => Math.min(...list.map((one) => one[axis]));
  const now = [...spots.values()];
  const [dx, dy] = ['x', 'y'].map((axis) => least(before, axis) - least(now, axis));
  for (const [id, spot] of spots) spots.set(id, { x: spot.x + dx, y: spot.y + dy });
}
