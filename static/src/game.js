// The game page, assembled: forms become live moves, frames of the session become badges, toasts and a fresh stage.
import { progress } from './arrival.js';
import * as clip from './clip.js';
import * as feedback from './feedback.js';
import './keys.js';
import { connect } from './live.js';
import { openSheet } from './sheet.js';
import * as stage from './stage.js';
import * as surroundings from './surroundings.js';
import { grow } from './talk.js';

const page = document.getElementById('main');
const node = () => document.getElementById('stage');
let cursor = stage.sequence(); // moves only after the last frame of a move
let live = false;
let looking;
const LOOK_AGAIN = 2_000; // ms between two looks for a line while the socket is lost

function settle() {
  clip.sync(node());
  surroundings.sync(node());
  grow();
  clearTimeout(looking);
  if (document.querySelector('#lines .growing, .node-line .dots')) looking = setTimeout(() => (live ? settle() : stage.refresh()), LOOK_AGAIN);
  const lines = document.getElementById('lines');
  if (lines) lines.scrollTop = lines.scrollHeight;
  lines?.scrollIntoView({ block: 'nearest' });
}

// -- moves -----------------------------------------------------------------------------------------------------------
page.addEventListener('submit', (event) => {
  const form = event.target.closest('form[data-move]');
  if (!form) return;
  event.preventDefault();
  if (event.submitter?.getAttribute('aria-disabled') === 'true') return;
  stage.submit(form, event.submitter);
});

page.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-ask], a[data-sheet]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const href = link.getAttribute('href');
  if ('sheet' in link.dataset) openSheet(href, link.dataset.sheet);
  else stage.refresh(href.startsWith('?') ? href : '').then(() => document.getElementById('ask')?.focus());
});

// A form that opens inside a line is read without scrolling for it.
page.addEventListener('toggle', ({ target }) => {
  if (target.open && target.matches('.report')) target.scrollIntoView({ block: 'nearest' });
}, true);

// As in every editor: back with Ctrl+Z, forward again with Shift.
document.addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== 'z' || event.target.closest('input, textarea, select, dialog')) return;
  event.preventDefault();
  document.querySelector(event.shiftKey ? '[data-redo]' : '[data-undo]')?.click();
});

page.addEventListener('stage:shown', ({ detail }) => {
  if (!live) feedback.tell(stage.sequence(), JSON.parse(node().dataset.changes || '[]')); // else the frames tell it
  if (detail.moved && matchMedia('(width < 52rem)').matches) scrollTo({ top: 0, behavior: 'instant' });
  settle();
});

// -- live ------------------------------------------------------------------------------------------------------------

page.addEventListener('live:hello', ({ detail }) => stage.reach(detail.seq));
page.addEventListener('live:heartbeat', ({ detail }) => stage.reach(detail.seq));
page.addEventListener('live:generation_progress', ({ detail }) => progress(detail));
page.addEventListener('live:dialogue_part', ({ detail }) => grow(detail));
page.addEventListener('live', ({ detail: frame }) => {
  if (frame.dev_override) { tried(frame); return; }
  if (frame.changes) feedback.tell(frame.seq, frame.changes);
  if (frame.last) {
    cursor = Math.max(cursor, frame.seq);
    stage.reach(frame.seq);
  }
});

// What happens under overrides has no seq: it is told as it comes, and the stage is looked at again.
function tried(frame) {
  if (frame.changes) feedback.say(frame.changes);
  if (!(frame.version <= stage.version()) || frame.type === 'dev_override') stage.refresh();
}

const STATES = { live: 'Live', lost: 'Reconnecting …', refused: 'Not live' };
feedback.startFrom(cursor);
settle();
if (node().dataset.session) connect(`/ws/session/${node().dataset.session}`, page, { // a playtest has no log to listen to
  since: () => cursor,
  onState: (state) => {
    live = state === 'live';
    const line = document.getElementById('conn');
    line.hidden = false;
    line.dataset.state = state;
    line.textContent = STATES[state];
  },
});
