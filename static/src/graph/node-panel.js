// The form of one node.
import { html } from '../../vendor/graph.js';
import { AssetPicker } from './assets.js';
import { useSession } from './canvas.js';
import { Form } from './form.js';
import { Icon } from './icons.js';
import { changeNode, nameOf, picksOf, shift, waysIn, waysOut } from './model.js';
import { Problems } from './problems.js';
import { Raw } from './raw.js';
import { problemsOf } from './telling.js';

const PLAYS = ['loopable', 'skippable']; // asked once, at the top; what videoConfig says of it follows

export function NodePanel({ session, node, acts }) {
  const state = useSession(session);
  const { graph, vocabulary, problems, told } = state;
  const picks = picksOf(state);
  const flaws = problemsOf(problems, 'node', node.id);
  const blocks = vocabulary.kinds.map((kind) => kind.block);
  const block = vocabulary.kinds.find((kind) => kind.value === node.kind)?.block;
  const others = blocks.filter((one) => one !== block && !(one in node.meta) && !(one === 'videoConfig' && node.kind === 'dialogue'));
  const change = (label, patch, together) => session.change(label, (now) => changeNode(now, node.id, patch), together && `${node.id} ${together}`);
  const play = (name, on) => change('Changing how it plays', (now) => ({ [name]: on, meta: now.meta.videoConfig && name in now.meta.videoConfig ? { ...now.meta, videoConfig: { ...now.meta.videoConfig, [name]: on } } : now.meta }));
  const replace = ({ id: _, ...rest }) => change('Editing the JSON', { ...rest, meta: rest.meta ?? {} }, 'json');
  const out = waysOut(graph, node.id);
  const into = waysIn(graph, node.id);
  const { id: _, ...plain } = node;
  return html`<section aria-label=${`Node ${nameOf(node)}`}>
    <h2><${Icon} name=${node.kind} />${nameOf(node)}</h2>
    <p className="ge-key">${vocabulary.kinds.find((kind) => kind.value === node.kind)?.title} · <code>${node.id}</code>${graph.entry_node_id === node.id ? ' · the scene starts here' : ''}</p>
    <${Problems} problems=${flaws} />
    <label className="ge-field">Label <input type="text" value=${node.label} maxLength="200" onChange=${(event) => change('Renaming', { label: event.target.value }, 'label')} /></label>
    <label className="ge-field">Kind <select value=${node.kind} onChange=${(event) => change('Changing the kind', { kind: event.target.value })}>${vocabulary.kinds.map((kind) => html`<option key=${kind.value} value=${kind.value}>${kind.title}</option>`)}</select></label>
    <div className="ge-field"><label htmlFor="ge-asset">Clip or picture</label>
      <${AssetPicker} id="ge-asset" label="Clip or picture" options=${picks.assets} value=${node.asset_id} onChange=${(asset_id) => change('Changing the clip', { asset_id })} /></div>
    ${told.nodes[node.id]?.clip && html`<video className="ge-clip" src=${told.nodes[node.id].clip} poster=${told.nodes[node.id].picture ?? undefined} controls preload="none" muted playsInline aria-label=${`The clip of ${nameOf(node)}`} />`}
    ${(node.kind === 'video' || node.kind === 'dialogue') && html`<div className="ge-checks">
      <label><input type="checkbox" checked=${node.loopable} onChange=${(event) => play('loopable', event.target.checked)} />Loops</label>
      <label><input type="checkbox" checked=${node.skippable} onChange=${(event) => play('skippable', event.target.checked)} />May be skipped</label></div>`}
    <div className="ge-buttons">
      ${(node.kind === 'video' || node.kind === 'dialogue') && html`<button type="button" className="ge-first" onClick=${() => acts.generate(node.id)}><${Icon} name="generate" />Generate and attach …</button>`}
      <button type="button" onClick=${() => acts.playtest(node.id)}><${Icon} name="play" />Playtest from here</button>
      ${graph.entry_node_id !== node.id && html`<button type="button" onClick=${() => acts.startAt(node.id)}><${Icon} name="start" />Start here</button>`}
    </div>
    <${Ways} session=${session} acts=${acts} node=${node} out=${out} into=${into} />
    <h3>Settings</h3>
    <${Form} key=${node.kind} name=${`node-${node.id}`} title="the node" schema=${hidingPlays(vocabulary.forms.node)} value=${node.meta} pointer="/meta" picks=${picks} suggestions=${vocabulary.suggestions} problems=${flaws} hidden=${['position', ...others]} first=${block ? [block] : []}
      onChange=${(meta) => change('Changing the settings', { meta }, 'meta')} />
    <${Raw} label="The node as JSON" value=${plain} onChange=${replace} />
    <div className="ge-buttons"><button type="button" onClick=${() => acts.duplicate()}><${Icon} name="copy" />Duplicate</button><button type="button" className="ge-danger" onClick=${() => acts.remove()}><${Icon} name="bin" />Delete the node</button></div>
  </section>`;
}

const hiding = new WeakMap();

function hidingPlays(schema) {
  if (!hiding.has(schema)) {
    const { videoConfig } = schema.properties;
    const properties = Object.fromEntries(Object.entries(videoConfig.properties).map(([key, one]) => [key, PLAYS.includes(key) ? { ...one, 'x-hidden': true } : one]));
    hiding.set(schema, { ...schema, properties: { ...schema.properties, videoConfig: { ...videoConfig, properties } } });
  }
  return hiding.get(schema);
}

function Ways({ session, acts, node, out, into }) {
  const { graph, told, vocabulary } = session.state;
  const names = new Map(graph.nodes.map((one) => [one.id, nameOf(one)]));
  const scenes = new Map(vocabulary.picks.scenes.map((one) => [one.id, one.title]));
  const end = (edge) => names.get(edge.to_node_id) ?? scenes.get(edge.to_scene_id) ?? told.edges[edge.id]?.scene ?? 'out of the scene';
  const move = (edge, by) => session.change('Ordering the ways', (now) => shift(now, edge.id, by));
  return html`<h3>Ways out</h3>
    ${out.length ? html`<ol className="ge-ways">${out.map((edge, index) => html`<li key=${edge.id}>
      <button type="button" className="ge-way" onClick=${() => { acts.pickEdge(edge.id); acts.edit(); }}><b>${edge.choice_label ?? 'By itself'}</b> → ${end(edge)}
        ${told.edges[edge.id]?.conditions?.length > 0 && html`<small><${Icon} name="lock" />${told.edges[edge.id].conditions.join('; ')}</small>`}
        ${told.edges[edge.id]?.effects?.length > 0 && html`<small><${Icon} name="effect" />${told.edges[edge.id].effects.join('; ')}</small>`}</button>
      <span className="ge-order"><button type="button" disabled=${index === 0} aria-label=${`${edge.choice_label ?? edge.id}: earlier`} onClick=${() => move(edge, -1)}><${Icon} name="up" /></button>
      <button type="button" disabled=${index === out.length - 1} aria-label=${`${edge.choice_label ?? edge.id}: later`} onClick=${() => move(edge, 1)}><${Icon} name="down" /></button></span></li>`)}</ol>` : html`<p className="ge-quiet">${node.kind === 'end' ? 'The scene ends here.' : 'None yet.'}</p>`}
    ${node.kind !== 'end' && html`<button type="button" className="gf-more" onClick=${() => session.set({ dialog: 'connect' })}><${Icon} name="link" />Connect …</button>`}
    ${into.length > 0 && html`<p className="ge-from">From ${into.map((edge, index) => html`<span key=${edge.id}>${index ? ', ' : ''}<button type="button" className="ge-link" onClick=${() => acts.go(edge.from_node_id)}>${names.get(edge.from_node_id)}</button></span>`)}</p>`}`;
}
