// Beside the canvas: the form of what is selected, its problems, its JSON.
import { html } from '../../vendor/graph.js';
import { useSession } from './canvas.js';
import { EdgePanel } from './edge-panel.js';
import { GeneratePanel } from './generate.js';
import { Icon } from './icons.js';
import { edgeOf, nameOf, nodeOf } from './model.js';
import { NodePanel } from './node-panel.js';

const LISTED = 40; // problems; mended from the top, the others come up

export function Inspector({ session, acts }) {
  const { graph, selection, panel, closed } = useSession(session);
  const node = selection.nodes.length === 1 && !selection.edges.length ? nodeOf(graph, selection.nodes[0]) : null;
  const edge = selection.edges.length === 1 && !selection.nodes.length ? edgeOf(graph, selection.edges[0]) : null;
  const many = selection.nodes.length + selection.edges.length > 1;
  const back = (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    if (panel) session.set({ panel: null });
    else if (node) acts.go(node.id);
    else if (edge) acts.go(edge.from_node_id);
  };
  const open = node || edge || many;
  return html`<aside className=${`ge-inspector${open ? ' ge-open' : ''}${closed ? ' ge-closed' : ''}`} aria-label="Inspector" onKeyDown=${back}>
    ${open && html`<button type="button" className="ge-close" aria-label="Close the inspector" onClick=${() => session.select()}><${Icon} name="close" /></button>`}
    ${node && panel === 'generate' ? html`<${GeneratePanel} key=${`g ${node.id}`} session=${session} node=${node} acts=${acts} />`
      : node ? html`<${NodePanel} key=${`n ${node.id}`} session=${session} node=${node} acts=${acts} />`
        : edge ? html`<${EdgePanel} key=${`e ${edge.id}`} session=${session} edge=${edge} acts=${acts} />`
          : many ? html`<${ManyPanel} session=${session} acts=${acts} />` : html`<${ScenePanel} session=${session} acts=${acts} />`}
  </aside>`;
}

function ManyPanel({ session, acts }) {
  const { nodes, edges } = session.state.selection;
  return html`<section><h2>${[nodes.length && `${nodes.length} ${nodes.length > 1 ? 'nodes' : 'node'}`, edges.length && `${edges.length} ${edges.length > 1 ? 'ways' : 'way'}`].filter(Boolean).join(' and ')} selected</h2>
    <div className="ge-buttons">
      <button type="button" onClick=${() => acts.copy()}><${Icon} name="copy" />Copy</button>
      <button type="button" onClick=${() => acts.duplicate()}><${Icon} name="add" />Duplicate</button>
      ${nodes.length > 1 && html`<button type="button" onClick=${() => acts.tidy()}><${Icon} name="tidy" />Tidy these</button>`}
      <button type="button" className="ge-danger" onClick=${() => acts.remove()}><${Icon} name="bin" />Delete</button>
    </div></section>`;
}

// Nothing is selected: the scene as a whole.
function ScenePanel({ session, acts }) {
  const { graph, problems, vocabulary } = useSession(session);
  const { leads_here: ways, picks } = vocabulary;
  const others = picks.scenes.filter((scene) => scene.id !== session.scene);
  const go = (problem) => (problem.node ? acts.go(problem.node) : problem.edge ? acts.pickEdge(problem.edge) : undefined);
  return html`<section>
    <h2>The scene</h2>
    <p className="ge-count">${graph.nodes.length} ${graph.nodes.length === 1 ? 'node' : 'nodes'}, ${graph.edges.length} ${graph.edges.length === 1 ? 'way' : 'ways'}. ${graph.nodes.length ? '' : 'Add the first node with N, or with the button “Add”.'}</p>
    ${graph.nodes.length > 0 && html`<label className="ge-field">Starts at
      <select value=${graph.entry_node_id ?? ''} onChange=${(event) => acts.startAt(event.target.value)}>${graph.nodes.map((node) => html`<option key=${node.id} value=${node.id}>${nameOf(node)}</option>`)}</select></label>`}
    <h3>Problems</h3>
    ${problems.length ? html`<ul className="ge-problems">${problems.slice(0, LISTED).map((problem, index) => html`<li key=${index} className=${problem.severity === 'error' ? 'ge-error' : ''}><${Icon} name="problem" />
      ${problem.node || problem.edge ? html`<button type="button" onClick=${() => go(problem)}>${problem.message} <small>${problem.node ?? problem.edge}</small></button>` : html`<span>${problem.message}</span>`}</li>`)}${problems.length > LISTED && html`<li>and ${problems.length - LISTED} more</li>`}</ul>` : html`<p className="ge-quiet">None: everything leads somewhere.</p>`}
    <h3>How one gets here</h3>
    ${ways.length ? html`<ul className="ge-plain">${ways.map((way) => html`<li key=${way}>${way}</li>`)}</ul>` : html`<p className="ge-quiet">${'Nothing of the world leads here yet.'}</p>`}
    <details><summary>Other scenes of ${vocabulary.world.name}</summary><ul className="ge-plain">${others.map((scene) => html`<li key=${scene.id}><a href=${scene.url}>${scene.title}</a></li>`)}</ul></details>
  </section>`;
}
