// Above the canvas: the name of the scene, the one save, and everything that needs no key to be known.
import { html } from '../../vendor/graph.js';
import { useSession } from './canvas.js';
import { Icon } from './icons.js';

export function Toolbar({ session, acts, selecting, setSelecting }) {
  const { title, vocabulary, past, future, selection, saving, clashes, live } = useSession(session);
  const some = selection.nodes.length + selection.edges.length > 0;
  const state = saving ? 'Saving …' : session.unsaved ? 'Not saved yet – kept in this browser' : live === 'lost' ? 'Saved – the line is lost, trying again' : 'Saved';
  const icon = (name, label, act, off = false, more = {}) => html`<button type="button" className="ge-tool" aria-label=${label} title=${label} disabled=${off} onClick=${act} ...${more}><${Icon} name=${name} /></button>`;
  return html`<header className="ge-head">
    <a className="ge-back" href=${session.urls.forms}><${Icon} name="undo" /><span>Forms</span></a>
    <div className="ge-title"><h1>${title}</h1><p><a href=${session.urls.worldPage}>${vocabulary.world.name}</a></p></div>
    <div className="ge-tools" role="toolbar" aria-label="Graph">
      <button type="button" className="ge-tool ge-add" aria-haspopup="menu" onClick=${(event) => { const box = event.currentTarget.getBoundingClientRect(); acts.openMenu({ x: box.left, y: box.bottom + 4, kind: 'add' }); }}><${Icon} name="add" />Add</button>
      ${icon('link', 'Connect (C)', () => session.set({ dialog: 'connect' }), selection.nodes.length !== 1)}
      ${icon('bin', 'Delete (Del)', () => acts.remove(), !some)}
      <span className="ge-gap" />
      ${icon('undo', past.length ? `Undo: ${past.at(-1).label} (Ctrl+Z)` : 'Undo', () => session.undo(), !past.length)}
      ${icon('redo', future.length ? `Redo: ${future.at(-1).label} (Ctrl+Y)` : 'Redo', () => session.redo(), !future.length)}
      <span className="ge-gap" />
      ${icon('copy', 'Copy (Ctrl+C)', () => acts.copy(), !selection.nodes.length)}
      ${icon('paste', 'Paste (Ctrl+V)', () => acts.paste())}
      ${icon('select', selecting ? 'Drag moves the canvas again' : 'Select by dragging', () => setSelecting(!selecting), false, { 'aria-pressed': selecting })}
      <span className="ge-gap" />
      ${icon('search', 'Search (/)', () => session.set({ dialog: 'search' }))}
      ${icon('tidy', 'Tidy (T)', () => acts.tidy())}
      ${icon('fit', 'Show everything (F)', () => acts.fit())}
      ${icon('minus', 'Smaller (−)', () => acts.zoom(1 / 1.3))}
      ${icon('add', 'Larger (+)', () => acts.zoom(1.3))}
      ${icon('keys', 'Keys (?)', () => session.set({ dialog: 'keys' }))}
    </div>
    <div className="ge-save">
      <span className=${clashes.length ? 'ge-state ge-clash' : 'ge-state'}>${state}</span>
      <button type="button" className="ge-first" disabled=${saving} onClick=${() => session.saving.save()}>Save</button>
    </div>
  </header>`;
}

// What somebody else has done meanwhile, and what was refused.
export function Notices({ session }) {
  const { news, refused, conflict, unkept } = useSession(session);
  return html`<div className="ge-notices">
    ${refused && html`<div className="ge-notice ge-error" role="alert"><p>Not saved: ${refused.words}</p><button type="button" onClick=${() => session.set({ refused: null })}>Close</button></div>`}
    ${news && !conflict && html`<div className=${news.clashes.length ? 'ge-notice ge-error' : 'ge-notice'} role="status">
      <p>${news.words.slice(0, 3).join('. ') || 'The scene was changed elsewhere'}${news.words.length > 3 ? ` and ${news.words.length - 3} more` : ''}. ${news.clashes.length ? `You have changed ${news.clashes.map((clash) => `“${clash.name}”`).slice(0, 3).join(', ')} too.` : 'It is taken into your graph.'}</p>
      ${news.clashes.length > 0 && html`<button type="button" onClick=${() => session.saving.collide()}>Compare …</button>`}
      <button type="button" onClick=${() => session.set({ news: null })}>Close</button></div>`}
    ${unkept && html`<div className="ge-notice" role="status"><p>This browser keeps nothing for us: save before you leave.</p><button type="button" onClick=${() => session.set({ unkept: false })}>Close</button></div>`}
  </div>`;
}
