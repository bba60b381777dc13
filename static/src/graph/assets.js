// Choosing a clip or a picture by looking at it.
import { html, useState } from '../../vendor/graph.js';
import { Dialog } from './dialog.js';

const SHOWN = 120; // tiles at a time; the search narrows them

export function AssetPicker({ id, label, options, value, onChange }) {
  const [open, setOpen] = useState(false);
  const chosen = options.find((one) => one.value === value);
  return html`<span className="ga-picked">
    ${chosen?.picture ? html`<img src=${chosen.picture} alt="" />` : html`<span className="ga-none" aria-hidden="true" />`}
    <span className="ga-name">${chosen ? chosen.title : value ? `${value} (not there yet)` : 'none'}</span>
    <button type="button" id=${id} aria-label=${`${label}: choose`} onClick=${() => setOpen(true)}>Choose …</button>
    ${value && html`<button type="button" aria-label=${`${label}: take away`} onClick=${() => onChange(null)}>Take away</button>`}
    ${open && html`<${Gallery} label=${label} options=${options} value=${value} onClose=${() => setOpen(false)} onPick=${(next) => { onChange(next); setOpen(false); }} />`}
  </span>`;
}

function Gallery({ label, options, value, onPick, onClose }) {
  const [words, setWords] = useState('');
  const found = options.filter((one) => one.title.toLowerCase().includes(words.trim().toLowerCase()));
  return html`<${Dialog} title=${label} onClose=${onClose} wide>
    <label className="ga-search">Search <input type="search" value=${words} onChange=${(event) => setWords(event.target.value)} /></label>
    ${found.length ? html`<ul className="ga-tiles">${found.slice(0, SHOWN).map((one) => html`<li key=${one.value}>
      <button type="button" aria-pressed=${one.value === value} onClick=${() => onPick(one.value)}>${one.picture ? html`<img src=${one.picture} alt="" loading="lazy" />` : html`<span className="ga-none" aria-hidden="true" />`}<span>${one.title}</span></button>
    </li>`)}</ul>` : html`<p>Nothing of that name. Clips are made with “Generate”, or uploaded on the page of assets.</p>`}
    ${found.length > SHOWN && html`<p>${found.length - SHOWN} more; search to see them.</p>`}
  </${Dialog}>`;
}
