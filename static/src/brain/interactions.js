// Interactions: a button takes a field back to what it inherits; what is removed or changed here is marked.
import { change, el } from './dom.js';

export function interactions(form) {
  for (const row of form.querySelectorAll('.lab-rows tbody tr')) {
    const field = row.querySelector('td:nth-child(3) :is(input,select,textarea)');
    const removed = row.querySelector('.lab-remove input');
    const name = row.querySelector('th').textContent;
    const reset = el('button', { type: 'button', className: 'row-reset', onclick: () => { change(field, ''); change(removed, false); field.focus(); } }, '↺');
    reset.setAttribute('aria-label', `${name}: inherit again`);
    field.after(reset);
    const show = () => {
      const own = field.value !== '' || removed.checked;
      row.classList.toggle('is-own', own);
      row.classList.toggle('is-removed', removed.checked);
      reset.hidden = !own;
    };
    row.addEventListener('input', show);
    row.addEventListener('change', show);
    show();
  }
}
