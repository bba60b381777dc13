// A list of words as tags. The text with one of them on each line is the form's and stays within reach.
import { change, el, say } from './dom.js';

export function wordLists(root) {
  for (const text of root.querySelectorAll('textarea[data-words-list]:not([data-dressed])')) dress(text);
}

function dress(text) {
  text.dataset.dressed = '1';
  const label = text.closest('.lab-field').querySelector('label');
  const list = el('ul', { className: 'tags' });
  const input = el('input', { type: 'text', className: 'tags-new', placeholder: 'Add one, Enter', id: `${text.id}_new` });
  label.htmlFor = input.id;
  const words = () => text.value.split('\n').map((one) => one.trim()).filter(Boolean);
  const write = (next) => change(text, next.join('\n'));
  const draw = () => {
    list.replaceChildren(...words().map((word, index) => el('li', { className: 'tag' }, el('span', {}, word),
      el('button', { type: 'button', 'aria-label': `Remove ${word}`, onclick: () => {
        write(words().filter((_, other) => other !== index));
        say(`${word} removed`);
        (list.querySelectorAll('button')[Math.max(0, index - 1)] ?? input).focus();
      } }, '×'))));
  };
  const add = () => {
    const word = input.value.trim();
    if (!word) return;
    input.value = '';
    write([...words(), word]);
    say(`${word} added`);
  };
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') { event.preventDefault(); add(); }
    if (event.key === 'Backspace' && !input.value) list.querySelector('li:last-child button')?.focus();
  });
  input.addEventListener('blur', add);
  text.addEventListener('input', draw);
  text.hidden = true;
  text.before(list, input);
  draw();
}
