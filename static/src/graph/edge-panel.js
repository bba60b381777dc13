// The form of one way: where it leads, what the player reads, when it is open, what it does.
import { html } from '../../vendor/graph.js';
import { useSession } from './canvas.js';
import { Form } from './form.js';
import { Icon } from './icons.js';
import { changeEdge, nameOf, picksOf } from './model.js';
import { Problems } from './problems.js';
import { Raw } from './raw.js';
import { problemsOf } from './telling.js';

export function Targets({ graph, scenes, scene, value, onChange, id }) {
  return html`<select id=${id} value=${value} onChange=${(event) => onChange(targetOf(event.target.value))}>
    <optgroup label="In this scene">${graph.nodes.map((node) => html`<option key=${node.id} value=${`node ${node.id}`}>${nameOf(node)}</option>`)}</optgroup>
    <optgroup label="Another scene">${scenes.filter((one) => one.id !== scene).map((one) => html`<option key=${one.id} value=${`scene ${one.id}`}>${one.title}</option>`)}</optgroup>
    <optgroup label="Nowhere"><option value="out">Out of the scene: explore</option></optgroup>
  </select>`;
}

function targetOf(text) {
  const [kind, key] = text.split(' ');
  return { to_node_id: kind === 'node' ? key : null, to_scene_id: kind === 'scene' ? Number(key) : null };
}

export const targetText = (edge) => (edge.to_node_id ? `node ${edge.to_node_id}` : edge.to_scene_id ? `scene ${edge.to_scene_id}` : 'out');

export function EdgePanel({ session, edge, acts }) {
  const state = useSession(session);
  const { graph, vocabulary, problems, told } = state;
  const picks = picksOf(state);
  const flaws = problemsOf(problems, 'edge', edge.id);
  const change = (label, patch, together) => session.change(label, (now) => changeEdge(now, edge.id, patch), together && `${edge.id} ${together}`);
  const form = (part, title, empty) => html`<${Form} name=${`${part}-${edge.id}`} title=${title} schema=${vocabulary.forms[part === 'meta' ? 'edge' : part]} value=${edge[part] ?? {}} pointer=${`/${part}`} picks=${picks} suggestions=${vocabulary.suggestions} problems=${flaws}
    onChange=${(next) => change(`Changing ${title}`, { [part]: Object.keys(next).length ? next : empty }, part)} />`;
  const { id: _, ...plain } = edge;
  const replace = ({ id: __, ...rest }) => change('Editing the JSON', { ...rest, meta: rest.meta ?? {} }, 'json');
  const words = told.edges[edge.id];
  const from = graph.nodes.find((node) => node.id === edge.from_node_id);
  const scene = vocabulary.picks.scenes.find((one) => one.id === edge.to_scene_id);
  return html`<section aria-label=${`Way ${edge.choice_label ?? edge.id}`}>
    <h2><${Icon} name="link" />${edge.choice_label || 'Goes on by itself'}</h2>
    <p className="ge-key">from <button type="button" className="ge-link" onClick=${() => acts.go(edge.from_node_id)}>${from ? nameOf(from) : edge.from_node_id}</button> · <code>${edge.id}</code></p>
    <${Problems} problems=${flaws} />
    <label className="ge-field" htmlFor="ge-target">Leads to <${Targets} id="ge-target" graph=${graph} scenes=${picks.scenes} scene=${session.scene} value=${targetText(edge)} onChange=${(to) => change('Leading elsewhere', to)} /></label>
    ${scene && html`<p><a href=${scene.url}>Open the scene “${scene.title}”</a></p>`}
    <label className="ge-field">What the player reads <input type="text" maxLength="300" placeholder="nothing: it goes on by itself" value=${edge.choice_label ?? ''} onChange=${(event) => change('Changing the choice', { choice_label: event.target.value || null }, 'label')} /></label>
    ${!edge.choice_label && html`<label className="ge-field">Weight among the open ones <input type="number" min="0" step="any" value=${edge.weight} onChange=${(event) => change('Weighing', { weight: Math.max(0, Number(event.target.value) || 0) }, 'weight')} /></label>`}
    <h3><${Icon} name="lock" />Open when</h3>
    <p className="ge-told">${words?.conditions?.length ? words.conditions.join('; ') : 'Always.'}</p>
    ${form('conditions', 'the conditions', null)}
    <h3><${Icon} name="effect" />What it does</h3>
    <p className="ge-told">${words?.effects?.length ? words.effects.join('; ') : 'Nothing but lead on.'}</p>
    ${form('effects', 'the effects', null)}
    <h3>More</h3>
    ${form('meta', 'the way', {})}
    <${Raw} label="The way as JSON" value=${plain} onChange=${replace} />
    <div className="ge-buttons"><button type="button" className="ge-danger" onClick=${() => acts.remove()}><${Icon} name="bin" />Delete the way</button></div>
  </section>`;
}
