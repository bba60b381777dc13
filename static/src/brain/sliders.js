// A number beside a slider. The number is the form's; emptied, it is inherited, and the slider shows what from where.
import { change, el } from './dom.js';

export function sliders(root) {
  for (const number of root.querySelectorAll('input[data-slider]:not([data-dressed])')) dress(number);
}

function dress(number) {
  number.dataset.dressed = '1';
  const field = number.closest('.lab-field');
  const label = field.querySelector('label').textContent;
  const ends = number.dataset.ends ? JSON.parse(number.dataset.ends) : null;
  const words = number.dataset.words ? JSON.parse(number.dataset.words) : null;
  const low = Number(number.min);
  const step = Number(number.step);
  const range = el('input', { type: 'range', min: number.min, max: number.max, step: number.step, className: 'slider' });
  range.setAttribute('aria-label', `${label}, slider`);
  const word = el('output', { className: 'slider-word' });
  const reset = el('button', { type: 'button', className: 'slider-reset', title: `As ${number.dataset.origin} has it: ${number.dataset.inherited}` }, '↺');
  reset.setAttribute('aria-label', `${label}: inherit from ${number.dataset.origin}`);

  const show = () => {
    const inherited = number.value === '';
    range.value = inherited ? number.dataset.inherited : number.value;
    field.classList.toggle('is-inherited', inherited);
    reset.disabled = inherited;
    const value = Number(range.value);
    const said = words ? words[Math.round((value - low) / step)] ?? '' : '';
    word.value = inherited ? `${said ? `${said}, ` : ''}from ${number.dataset.origin}` : said;
    range.setAttribute('aria-valuetext', [range.value, word.value].filter(Boolean).join(', '));
  };
  range.addEventListener('input', () => change(number, range.value));
  number.addEventListener('input', show);
  reset.addEventListener('click', () => { change(number, ''); range.focus(); });

  const row = el('div', { className: 'slider-row' });
  number.before(row);
  if (ends) row.append(el('span', { className: 'slider-end' }, ends[0]));
  row.append(range);
  if (ends) row.append(el('span', { className: 'slider-end slider-high' }, ends[1]));
  row.append(reset, number);
  row.after(word);
  show();
}
