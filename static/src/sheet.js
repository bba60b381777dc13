// A sheet over the game: a page of its own (map, journal, settings …), fetched when it is opened, so that it is always the present one.
import { morph } from './morph.js';
import { submit } from './stage.js';

const PART = { 'X-Part': '1' };
const SLIDE_MS = 120; // a slider at rest this long asks
const sheet = document.getElementById('sheet');
const body = document.getElementById('sheet-body');
let address = ''; // of what the sheet shows
let newest = 0; // an answer that was overtaken is not shown

export function openSheet(href, title) {
  document.getElementById('sheet-title').textContent = title;
  sheet.dataset.sheet = title.toLowerCase();
  body.replaceChildren();
  if (!sheet.open) sheet.showModal();
  return load(href);
}

export const isOpen = () => sheet.open;

function load(href) {
  address = new URL(href, address || location.href).href;
  return show(fetch(address, { headers: PART }));
}

async function show(asked) {
  const mine = ++newest;
  body.setAttribute('aria-busy', 'true');
  try {
    const answer = await asked;
    if (answer.redirected) { location.reload(); return; } // logged out meanwhile
    if (!answer.ok && answer.status !== 400) throw new Error(answer.statusText);
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html').body;
    if (mine !== newest) return;
    const focused = document.activeElement;
    const part = document.createElement('div');
    part.append(...document.adoptNode(next).childNodes);
    if (body.firstElementChild) morph(body.firstElementChild, part);
    else body.append(part);
    if (focused !== document.body && !focused?.isConnected) body.focus({ preventScroll: true });
    apply(body.querySelector('[data-settings]'));
    sheet.dispatchEvent(new CustomEvent('sheet:shown', { bubbles: true }));
  } catch {
    if (mine === newest) body.textContent = 'This cannot be read just now. Close it and try again.';
  } finally {
    if (mine === newest) body.removeAttribute('aria-busy');
  }
}

// Settings that were just kept hold at once, not only on the next page.
function apply(settings) {
  if (!settings) return;
  const { text, motion, captions, volume } = settings.dataset;
  Object.assign(document.documentElement.dataset, { text, motion, captions, volume });
  document.dispatchEvent(new CustomEvent('settings'));
}

sheet.addEventListener('click', (event) => {
  if (event.target === sheet) { sheet.close(); return; } // beside it
  const link = event.target.closest('a[data-sheet]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  load(link.getAttribute('href'));
});

sheet.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.method === 'dialog') return;
  event.preventDefault();
  if (form.matches('[data-move]')) { sheet.close(); submit(form, event.submitter); return; }
  const given = new FormData(form, event.submitter);
  if (form.method === 'get') load(`${form.getAttribute('action')}?${new URLSearchParams(given)}`);
  else show(fetch(form.action, { method: 'POST', body: given, headers: PART }));
});

let sliding;
sheet.addEventListener('input', ({ target }) => {
  if (!target.form?.matches('[data-sheet]') || target.form.method !== 'get') return;
  clearTimeout(sliding);
  sliding = setTimeout(() => target.form.requestSubmit(), SLIDE_MS);
});

sheet.addEventListener('close', () => body.replaceChildren());
