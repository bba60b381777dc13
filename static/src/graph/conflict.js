// Two authors changed the scene: who did what, both versions as pictures, and three ways out. Nothing is lost by closing it.
import { html } from '../../vendor/graph.js';
import { useSession } from './canvas.js';
import { Dialog } from './dialog.js';
import { summary } from './merge.js';
import { CARD } from './model.js';

const WORDS = { added: 'was added', changed: 'was changed', moved: 'was moved', deleted: 'was deleted' };

export function Conflict({ session }) {
  const { conflict, lie } = useSession(session);
  if (!conflict) return null;
  const { base, mine, theirs, changes, clashes } = conflict;
  const choose = (how) => session.saving.resolve(how);
  const yours = summary(base, mine);
  const other = summary(base, theirs);
  return html`<${Dialog} title="The scene was changed meanwhile" wide onClose=${() => choose('later')}>
    <div className="ge-versions">
      <${Version} title="The other version" graph=${theirs} lie=${lie} touched=${other} lines=${changes.length ? changes : other.map((one) => `“${one.name}” ${WORDS[one.verb]}`)} />
      <${Version} title="Your version" graph=${mine} lie=${lie} touched=${yours} lines=${yours.map((one) => `“${one.name}” ${WORDS[one.verb]} by you`)} />
    </div>
    ${clashes.length ? html`<p className="ge-clash">Both of you changed ${clashes.map((one) => `“${one.name}”`).join(', ')}. Where you differ, “Keep both” takes yours.</p>` : html`<p>You changed different things: both fit together.</p>`}
    <div className="ge-buttons ge-end">
      <button type="button" className="ge-first" onClick=${() => choose('both')}>Keep both and save</button>
      <button type="button" onClick=${() => choose('theirs')}>Reload the other version</button>
      <button type="button" className="ge-danger" onClick=${() => choose('mine')}>Overwrite with mine</button>
      <button type="button" onClick=${() => choose('later')}>Later</button>
    </div>
    <p className="ge-quiet">After a reload “Undo” brings your version back. What is overwritten stays in the history of the world.</p>
  </${Dialog}>`;
}

function Version({ title, graph, lie, touched, lines }) {
  return html`<section><h3>${title}</h3><${Sketch} graph=${graph} lie=${lie} touched=${new Set(touched.filter((one) => one.kind === 'node').map((one) => one.id))} title=${title} />
    <ul className="ge-plain">${lines.slice(0, 12).map((line, index) => html`<li key=${index}>${line}</li>`)}${lines.length > 12 && html`<li>and ${lines.length - 12} more</li>`}</ul></section>`;
}

function Sketch({ graph, lie, touched, title }) {
  const spots = graph.nodes.map((node) => ({ id: node.id, ...(node.meta?.position ?? lie.get(node.id) ?? { x: 0, y: 0 }) }));
  if (!spots.length) return html`<p className="ge-quiet">Empty.</p>`;
  const at = new Map(spots.map((spot) => [spot.id, spot]));
  const [left, top] = ['x', 'y'].map((axis) => Math.min(...spots.map((spot) => spot[axis])) - 40);
  const right = Math.max(...spots.map((spot) => spot.x)) + CARD.width + 40;
  const bottom = Math.max(...spots.map((spot) => spot.y)) + CARD.height + 40;
  return html`<svg className="ge-sketch" viewBox=${`${left} ${top} ${right - left} ${bottom - top}`} role="img" aria-label=${`${title}: ${graph.nodes.length} nodes, ${touched.size} of them changed`}>
    ${graph.edges.filter((edge) => at.has(edge.from_node_id) && at.has(edge.to_node_id)).map((edge) => { const [a, b] = [at.get(edge.from_node_id), at.get(edge.to_node_id)]; return html`<line key=${edge.id} x1=${a.x + CARD.width} y1=${a.y + CARD.height / 2} x2=${b.x} y2=${b.y + CARD.height / 2} />`; })}
    ${spots.map((spot) => html`<rect key=${spot.id} x=${spot.x} y=${spot.y} width=${CARD.width} height=${CARD.height} rx="16" className=${touched.has(spot.id) ? 'ge-touched' : undefined} />`)}
  </svg>`;
}
