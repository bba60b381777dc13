// What lies on the canvas: a node as a card, the way out of the scene as a signpost, an edge with what stands on it.
import { BaseEdge, createContext, EdgeLabelRenderer, getBezierPath, Handle, html, memo, Position, useContext } from '../../vendor/graph.js';
import { Icon } from './icons.js';
import { nameOf } from './model.js';

export const Far = createContext(false); // so small that words cannot be read
export const Acts = createContext(null);

const STATUS = { pending: 'Waiting', submitting: 'Submitting', queued: 'Queued', generating: 'Generating', downloading: 'Downloading' };

export const Card = memo(({ data }) => {
  const { node, told, problems, job, start, kind, visits } = data;
  const far = useContext(Far);
  const acts = useContext(Acts);
  if (far) {
    return html`<div className=${`ge-card ge-far ge-${node.kind}`}><${Ports} end=${node.kind === 'end'} /><b>${nameOf(node)}</b></div>`;
  }
  const picture = job?.picture ?? told?.picture;
  const errors = problems?.filter((problem) => problem.severity === 'error').length ?? 0;
  return html`<div className=${`ge-card ge-${node.kind}`}>
    <${Ports} end=${node.kind === 'end'} />
    <div className="ge-thumb">
      ${picture ? html`<img src=${picture} alt="" loading="lazy" decoding="async" draggable=${false} />` : html`<span className="ge-nothumb"><${Icon} name=${node.kind} /></span>`}
      <span className="ge-kind"><${Icon} name=${node.kind} />${kind}</span>
      ${start && html`<span className="ge-start">Start</span>`}
      ${problems?.length > 0 && html`<span className=${errors ? 'ge-flaw ge-error' : 'ge-flaw'} title=${problems.map((problem) => problem.message).join('\n')}><${Icon} name="problem" />${problems.length}</span>`}
      <${Progress} job=${job} />
    </div>
    <div className="ge-text">
      <b>${nameOf(node)}</b>
      ${told?.who && html`<span className="ge-who"><${Icon} name="dialogue" />${told.who}</span>`}
      <span className="ge-words">${told?.words?.join(' · ')}</span>
    </div>
    <${Visits} visits=${visits} />
    <span className="ge-acts nodrag">
      ${(node.kind === 'video' || node.kind === 'dialogue') && html`<button type="button" tabIndex=${-1} title="Generate and attach (G)" aria-label=${`Generate a clip for ${nameOf(node)}`} onClick=${(event) => { event.stopPropagation(); acts.generate(node.id); }}><${Icon} name="generate" /></button>`}
      <button type="button" tabIndex=${-1} title="Playtest from here (P)" aria-label=${`Playtest from ${nameOf(node)}`} onClick=${(event) => { event.stopPropagation(); acts.playtest(node.id); }}><${Icon} name="play" /></button>
    </span>
  </div>`;
});

// How many sessions and tests have been here; worked out by the analysis from their logs.
function Visits({ visits }) {
  if (!visits?.sessions && !visits?.tests) return null;
  const words = `${visits.sessions} sessions and ${visits.tests} tests were here`;
  return html`<span className="ge-visits" title=${words}><span aria-hidden="true">${visits.sessions + visits.tests}×</span><span className="ge-sr">${words}</span></span>`;
}

function Ports({ end }) {
  return html`<${Handle} type="target" position=${Position.Left} />${!end && html`<${Handle} type="source" position=${Position.Right} />`}`;
}

function Progress({ job }) {
  if (!job || job.status === 'completed') return null;
  if (job.error !== undefined) return html`<span className="ge-job ge-failed" title=${job.error}>Failed: ${job.error}</span>`;
  const words = job.attention ? 'Needs attention' : `${STATUS[job.status] ?? job.status}${job.progress === null || job.progress === undefined ? ' …' : ` – ${Math.round(job.progress * 100)} %`}`;
  return html`<span className="ge-job">${words}<progress aria-label="Progress of the clip" max="1" value=${job.progress ?? undefined} /></span>`;
}

export const Exit = memo(({ data }) => {
  const { edge, told, title, url, selected, problems } = data;
  const far = useContext(Far);
  const more = [...(told?.conditions ?? []), ...(told?.effects ?? []), ...(told?.words ?? [])];
  if (far) return html`<div className="ge-exit ge-afar"><${Handle} type="target" position=${Position.Left} isConnectable=${false} /><b>${title}</b></div>`;
  return html`<div className=${selected ? 'ge-exit selected' : 'ge-exit'} title=${more.join('\n') || undefined}>
    <${Handle} type="target" position=${Position.Left} isConnectable=${false} />
    <b>${problems?.length > 0 && html`<${Icon} name="problem" />`}${edge.choice_label ?? 'goes on by itself'}</b>
    <span className="ge-post"><${Icon} name="scene" /><span>${title}</span>${url && html`<a className="nodrag" href=${url} tabIndex=${-1} aria-label=${`Open the scene ${title}`}>Open</a>`}</span>
    ${told?.conditions?.length > 0 ? html`<span className="ge-gate"><${Icon} name="lock" />${told.conditions.join('; ')}</span>` : told?.effects?.length > 0 && html`<span className="ge-effect"><${Icon} name="effect" />${told.effects.join('; ')}</span>`}
  </div>`;
});

export const Way = memo(({ id, sourceX, sourceY, targetX, targetY, markerEnd, selected, data }) => {
  const far = useContext(Far);
  const acts = useContext(Acts);
  const loop = data.loop;
  const [bezier, x, y] = getBezierPath({ sourceX, sourceY, sourcePosition: Position.Right, targetX, targetY, targetPosition: Position.Left, curvature: 0.3 });
  const path = loop ? `M${sourceX} ${sourceY} c 90 -150, ${targetX - sourceX - 90} -150, ${targetX - sourceX} 0` : bezier;
  const { edge, told, problems } = data;
  const gates = told?.conditions ?? [];
  const effects = told?.effects ?? [];
  const bare = !edge.choice_label && !gates.length && !effects.length && !told?.words?.length && !problems?.length;
  return html`<${BaseEdge} id=${id} path=${path} markerEnd=${markerEnd} interactionWidth=${22} className=${edge.choice_label ? 'ge-choice-way' : 'ge-auto-way'} />
    ${!far && !data.posted && (!bare || selected) && html`<${EdgeLabelRenderer}><${Label} x=${x} y=${(loop ? sourceY - 112 : y) + data.lane * 46} at=${id} selected=${selected} onClick=${(event) => acts.pickEdge(id, event)} onContextMenu=${(event) => acts.menu(event, { edge: id })}>
      ${problems?.length > 0 && html`<${Icon} name="problem" />`}
      <b>${edge.choice_label ?? 'goes on by itself'}${data.visits?.sessions + data.visits?.tests > 0 && html`<small> ${data.visits.sessions + data.visits.tests}×</small>`}</b>
      ${gates.length > 0 && html`<span className="ge-gate"><${Icon} name="lock" />${short(gates)}</span>`}
      ${effects.length > 0 && html`<span className="ge-effect"><${Icon} name="effect" />${short(effects)}</span>`}
      ${told?.words?.length > 0 && html`<span className="ge-rest">${told.words.join(' · ')}</span>`}
    </${Label}></${EdgeLabelRenderer}>`}`;
});

function Label({ x, y, selected, children, onClick, onContextMenu }) {
  const style = { transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` };
  return html`<div className=${selected ? 'ge-label nopan selected' : 'ge-label nopan'} style=${style} onClick=${onClick} onContextMenu=${onContextMenu}>${children}</div>`;
}

function short(phrases) {
  return phrases.length > 2 ? `${phrases.slice(0, 2).join('; ')} and ${phrases.length - 2} more` : phrases.join('; ');
}
