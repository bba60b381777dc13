// The interaction studio, live: whatever is moved or pressed asks for the page anew and only what differs changes. The address follows.
import { morph } from './morph.js';

const CALM = 180; // ms after the last change before the page is asked for
document.documentElement.classList.add('has-script');

for (const form of document.querySelectorAll('form[data-auto]')) form.addEventListener('change', () => form.requestSubmit());

const studio = document.getElementById('studio');
if (studio) live(studio);

function live(form) {
  let waiting;
  let asked = 0;

  const ask = async (submitter) => {
    clearTimeout(waiting);
    const mine = ++asked;
    const query = new URLSearchParams(new FormData(form, submitter));
    form.setAttribute('aria-busy', 'true');
    const answer = await fetch(`${form.action}?${query}`, { headers: { 'X-Part': '1' } }).catch(() => null);
    if (mine !== asked) return;
    form.removeAttribute('aria-busy');
    if (!answer?.ok) { location.assign(`${form.action}?${query}`); return; } // the whole page says what is wrong
    const said = form.elements.say?.value ?? '';
    morph(form, fragment(await answer.text()).querySelector('#studio'));
    history.replaceState(null, '', `${form.action}?${new URLSearchParams(new FormData(form))}`);
    if (!submitter) return;
    if (form.elements.say && form.elements.say.value === said) form.elements.say.value = '';
    document.getElementById(submitter.name === 'way' ? `way-${submitter.value}` : 'tried')?.scrollIntoView({ block: 'nearest' });
  };

  form.addEventListener('input', ({ target }) => {
    if (target.name === 'say') return;
    if (target.type === 'range') target.parentElement.querySelector('output').value = target.value.replace('-', '−');
    clearTimeout(waiting);
    waiting = setTimeout(ask, CALM);
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    ask(event.submitter);
  });
}

function fragment(text) {
  const template = document.createElement('template');
  template.innerHTML = text;
  return template.content;
}
