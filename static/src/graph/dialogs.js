// Connecting by name, searching, and the list of keys.
import { html, useMemo, useState } from '../../vendor/graph.js';
import { useSession } from './canvas.js';
import { Dialog } from './dialog.js';
import { Targets } from './edge-panel.js';
import { Icon } from './icons.js';
import { KEYS } from './keys.js';
import { nameOf, nodeOf } from './model.js';

const SHOWN = 60;

export function Dialogs({ session, acts }) {
  const { dialog } = useSession(session);
  const close = () => session.set({ dialog: null });
  if (dialog === 'connect') return html`<${Connect} session=${session} acts=${acts} onClose=${close} />`;
  if (dialog === 'search') return html`<${Search} session=${session} acts=${acts} onClose=${close} />`;
  if (dialog === 'keys') return html`<${Dialog} title="Keys" onClose=${close}><p>On the canvas; in fields they type.</p><dl className="ge-keys">${KEYS.map(([keys, words]) => html`<div key=${keys}><dt><kbd>${keys}</kbd></dt><dd>${words}</dd></div>`)}</dl></${Dialog}>`;
  return null;
}

function Connect({ session, acts, onClose }) {
  const { graph, selection, vocabulary } = session.state;
  const from = nodeOf(graph, selection.nodes[0]);
  const other = graph.nodes.find((node) => node !== from);
  const [to, setTo] = useState({ to_node_id: other?.id ?? from?.id ?? null, to_scene_id: null });
  const [label, setLabel] = useState('');
  if (!from) return html`<${Dialog} title="Connect" onClose=${onClose}><p>Select the node from which the way leads first.</p></${Dialog}>`;
  const connect = (event) => {
    event.preventDefault();
    onClose();
    requestAnimationFrame(() => { // when the dialog has given the focus back
      acts.connect(from.id, { ...to, choice_label: label || null });
      acts.edit();
    });
  };
  const value = to.to_node_id ? `node ${to.to_node_id}` : to.to_scene_id ? `scene ${to.to_scene_id}` : 'out';
  return html`<${Dialog} title=${`Connect “${nameOf(from)}”`} onClose=${onClose}><form onSubmit=${connect}>
    <label className="ge-field" htmlFor="ge-connect-to">Leads to <${Targets} id="ge-connect-to" graph=${graph} scenes=${vocabulary.picks.scenes} scene=${session.scene} value=${value} onChange=${setTo} /></label>
    <label className="ge-field">What the player reads <input type="text" maxLength="300" placeholder="nothing: it goes on by itself" value=${label} onChange=${(event) => setLabel(event.target.value)} /></label>
    <div className="ge-buttons ge-end"><button type="submit" className="ge-first">Connect</button><button type="button" onClick=${onClose}>Cancel</button></div>
  </form></${Dialog}>`;
}

function Search({ session, acts, onClose }) {
  const { graph, told, problems } = session.state;
  const [words, setWords] = useState('');
  const found = useMemo(() => {
    const wanted = words.trim().toLowerCase();
    const hit = (...texts) => !wanted || texts.some((text) => text && String(text).toLowerCase().includes(wanted));
    const nodes = graph.nodes.filter((node) => hit(nameOf(node), node.id, node.meta?.text, node.meta?.note, told.nodes[node.id]?.who, told.nodes[node.id]?.words?.join(' '))).map((node) => ({ id: node.id, icon: node.kind, name: nameOf(node), more: told.nodes[node.id]?.who ?? '', go: () => acts.go(node.id) }));
    const edges = graph.edges.filter((edge) => wanted && hit(edge.choice_label, edge.id, ...(told.edges[edge.id]?.conditions ?? []), ...(told.edges[edge.id]?.effects ?? []))).map((edge) => ({ id: `edge ${edge.id}`, icon: 'link', name: edge.choice_label ?? edge.id, more: [...(told.edges[edge.id]?.conditions ?? []), ...(told.edges[edge.id]?.effects ?? [])].join('; '), go: () => { acts.pickEdge(edge.id); acts.show(edge.from_node_id); acts.edit(); } }));
    return [...nodes, ...edges];
  }, [words, graph, told, problems]);
  const go = (one) => { onClose(); requestAnimationFrame(() => one?.go()); };
  return html`<${Dialog} title="Search the scene" onClose=${onClose}><form role="search" onSubmit=${(event) => { event.preventDefault(); go(found[0]); }}>
    <label className="ge-field">Words of a label, a text, a person, a condition <input type="search" autoFocus value=${words} onChange=${(event) => setWords(event.target.value)} /></label></form>
    <p className="ge-quiet" role="status">${found.length} found</p>
    <ul className="ge-found">${found.slice(0, SHOWN).map((one) => html`<li key=${one.id}><button type="button" onClick=${() => go(one)}><${Icon} name=${one.icon} /><span><b>${one.name}</b> ${one.more && html`<small>${one.more}</small>`}</span></button></li>`)}</ul>
  </${Dialog}>`;
}
