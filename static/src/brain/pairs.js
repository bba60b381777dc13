// Names and numbers, `melee: 60` on each line, as rows.
import { change, el } from './dom.js';

export function pairs(root) {
  for (const text of root.querySelectorAll('textarea[data-pairs]:not([data-dressed])')) dress(text);
}

function dress(text) {
  if (text.id.includes('__prefix__')) return;
  text.dataset.dressed = '1';
  const stops = text.id.endsWith('-stops');
  const places = stops ? JSON.parse(document.getElementById('lab-place-keys').textContent) : null;
  const first = stops ? 'Place' : 'Name';
  const second = stops ? 'Minutes' : 'Value';
  const box = el('div', { className: 'pairs' });
  const add = el('button', { type: 'button', className: 'button pairs-add' }, stops ? 'Add a stop' : 'Add a number');
  const read = () => text.value.split('\n').filter((line) => line.trim()).map((line) => {
    const at = line.lastIndexOf(':');
    return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });
  const write = () => {
    const rows = [...box.querySelectorAll('.pair')].map((row) => [...row.querySelectorAll('input,select')].map((one) => one.value.trim()));
    text.dataset.mine = '1';
    change(text, rows.filter(([name, value]) => name || value).map(([name, value]) => `${name}: ${value}`).join('\n'));
    delete text.dataset.mine;
  };
  const draw = (rows) => box.replaceChildren(...rows.map(([name, value]) => pair(name, value)), add);
  const pair = (name, value) => {
    const key = stops
      ? el('select', { 'aria-label': first }, el('option', { value: '' }, '–'), ...Object.entries({ ...places, ...(name && !places[name] ? { [name]: `${name} (not there yet)` } : {}) }).map(([one, title]) => el('option', { value: one, selected: one === name }, title)))
      : el('input', { type: 'text', value: name, 'aria-label': first, placeholder: 'melee', spellcheck: false });
    const number = el('input', { type: 'number', step: stops ? '1' : 'any', value, 'aria-label': second, placeholder: stops ? '120' : '60' });
    if (stops) number.min = '1';
    const row = el('div', { className: 'pair' }, key, number, el('button', { type: 'button', className: 'pair-remove', onclick: () => { row.remove(); write(); add.focus(); } }, '×'));
    row.lastChild.setAttribute('aria-label', `Remove ${name || 'this row'}`);
    row.addEventListener('input', write);
    return row;
  };
  add.addEventListener('click', () => {
    const row = pair('', stops ? '60' : '');
    add.before(row);
    row.firstChild.focus();
  });
  text.addEventListener('input', () => { if (!text.dataset.mine) draw(read()); });
  text.hidden = true;
  text.before(box);
  text.closest('.lab-field').querySelector('label').removeAttribute('for');
  draw(read());
}
