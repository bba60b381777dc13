// Brings the stage up to date: posts a form's move or asks for the present state, and morphs the answer in.
import { fadeIn } from './arrival.js';
import { morph } from './morph.js';

const PART = { 'X-Part': '1' };
const stage = () => document.getElementById('stage');
const panelKey = () => document.getElementById('panel')?.dataset.key;
let busy = null; // one request at a time
let moving = false;
let newest = 0; // the newest seq heard of while busy

export const sequence = () => Number(stage().dataset.seq);
export const version = () => Number(stage().dataset.version);

// Up to this seq at least: what a move's own answer brings anyway is not asked for again.
export function reach(seq) {
  newest = Math.max(newest, seq);
  if (newest > sequence() && !busy) refresh();
}

export function refresh(search = '') {
  return run(() => fetch(stage().dataset.url + search, { headers: PART }));
}

export async function submit(form, submitter) {
  if (moving) return; // a double click is one move
  moving = true;
  try {
    await busy;
    if (!form.isConnected) return;
    const ok = await run(() => fetch(form.action, { method: 'POST', body: new FormData(form, submitter), headers: PART }));
    if (ok && form.isConnected) form.reset(); // words of a refused move stay
  } finally {
    moving = false;
  }
}

function run(ask) {
  stage().setAttribute('aria-busy', 'true');
  const mine = ask().then(show, offline).then((shown) => {
    if (busy === mine) busy = null;
    stage().removeAttribute('aria-busy');
    if (shown !== null) reach(newest); // after a failure the next heartbeat asks again
    return shown;
  });
  busy = mine;
  return mine;
}

async function show(answer) {
  if (answer.redirected || answer.status === 403) { location.reload(); return null; } // logged out meanwhile: the page itself leads to the login
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const next = page.getElementById('stage');
  if (!next) { notice('The server could not answer. Nothing is lost: reload the page and try again.'); return null; }
  if (Number(next.dataset.seq) < sequence()) return true; // an older answer that was overtaken
  if (next.dataset.over === '1' && stage().dataset.over === '1' && Number(next.dataset.version) < version()) return true; // likewise under overrides, which have no seq
  const [focused, panel, picture] = [document.activeElement, panelKey(), stage().querySelector('.picture')];
  morph(stage(), document.adoptNode(next));
  const moved = panelKey() !== panel;
  if (!moved && !picture.isConnected) fadeIn(stage().querySelector('.picture'), picture, stage());
  stage().dispatchEvent(new CustomEvent('stage:shown', { bubbles: true, detail: { moved } }));
  keepFocus(focused);
  return answer.ok;
}

// Who moves by keyboard goes on there: where the pressed button is gone, at what took its place.
function keepFocus(before) {
  const lost = document.activeElement === null || document.activeElement === document.body;
  if (lost && before !== document.body) (document.getElementById('ask') ?? document.getElementById('panel'))?.focus({ preventScroll: true });
}

function offline() {
  notice('There is no connection just now. Nothing is lost: try again in a moment.');
  return null;
}

function notice(text) {
  const line = Object.assign(document.createElement('p'), { className: 'notice notice-error', textContent: text });
  document.querySelector('.notices').replaceChildren(line);
}
