// The author's pages of made things: selects that act at once, the cost before the click, cards that follow their jobs, clips scrubbed by hand.
import { connect } from './live.js';
import { morph } from './morph.js';

const CALM = 350; // ms after the last key before the cost is asked for
const LOOK_AGAIN = 5_000; // ms between two looks while the socket is lost
document.documentElement.classList.add('has-script');

for (const form of document.querySelectorAll('form[data-auto]')) form.addEventListener('change', () => form.requestSubmit());

const order = document.getElementById('order');
if (order) costs(order, document.getElementById('price'));

const jobs = document.getElementById('jobs');
if (jobs) follow(jobs);

scrubbing(document);

function costs(form, price) {
  let waiting;
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    const answer = await fetch(form.dataset.estimate, { method: 'POST', body: new FormData(form), headers: { 'X-CSRFToken': form.elements.csrfmiddlewaretoken.value } }).catch(() => null);
    if (mine === asked && answer?.ok) price.replaceChildren(fragment(await answer.text()));
  };
  form.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(ask, CALM); });
  ask();
}

function follow(list) {
  const meter = document.getElementById('meter');
  const live = new EventTarget();
  const asking = new Map();
  let looking;

  const refresh = (id) => {
    // One question at a time for each card; whatever is told meanwhile is asked for once more.
    if (asking.has(id)) { asking.set(id, true); return; }
    asking.set(id, false);
    load(id).finally(() => {
      const again = asking.get(id);
      asking.delete(id);
      if (again) refresh(id);
    });
  };
  const load = async (id) => {
    const answer = await fetch(`${list.dataset.url}${id}/`).catch(() => null);
    if (!answer?.ok) return;
    const next = fragment(await answer.text()).firstElementChild;
    const old = document.getElementById(`job-${id}`);
    if (old) morph(old, next);
    else list.prepend(next);
    list.parentElement.querySelector('.empty').hidden = true;
    if (next.dataset.over === '1') spent();
  };
  const spent = async () => {
    const answer = await fetch(meter.dataset.url).catch(() => null);
    if (answer?.ok) meter.replaceChildren(fragment(await answer.text()));
  };
  const lookAtAll = () => { for (const card of list.querySelectorAll('[data-over="0"]')) refresh(Number(card.dataset.job)); };
  const onState = (state) => {
    clearInterval(looking);
    lookAtAll();
    if (state === 'lost') looking = setInterval(lookAtAll, LOOK_AGAIN);
  };
  for (const name of ['progress', 'completed', 'failed']) live.addEventListener(`live:generation_${name}`, ({ detail }) => refresh(detail.generation_id));
  connect(`/ws/world/${list.dataset.world}`, live, { onState });
}

// Moving over a clip shows that moment of it; leaving shows its poster again. With the keyboard it plays while it has the focus.
function scrubbing(root) {
  root.addEventListener('pointermove', ({ target, offsetX }) => {
    if (!target.matches?.('video[data-scrub]')) return;
    if (target.readyState === 0) { target.preload = 'metadata'; return; }
    if (Number.isFinite(target.duration)) target.currentTime = target.duration * Math.min(1, Math.max(0, offsetX / target.clientWidth));
  }, { passive: true });
  root.addEventListener('pointerout', ({ target }) => { if (target.matches?.('video[data-scrub]')) target.load(); });
}

function fragment(text) {
  const template = document.createElement('template');
  template.innerHTML = text;
  return template.content;
}
