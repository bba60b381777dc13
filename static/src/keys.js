// The keyboard: digits choose, space goes on, letters open what lies beside the game or work the clip. Not while somebody writes.
import { toggle } from './sound.js';

const CLIP = { p: 'pause', s: 'skip', c: 'captions' };
const reach = (element) => element && !element.closest('[inert]') && element.getAttribute('aria-disabled') !== 'true' && element;

function meant(key) {
  if (/^[1-9]$/.test(key)) return reach([...document.querySelectorAll('.choices button')][key - 1]);
  if (key === ' ') return reach(document.querySelector('[data-continue] button')) || reach(document.querySelector('[data-clip="skip"]'));
  if (key === 'b') return reach(document.querySelector('form[action$="/undo/"] button'));
  if (key in CLIP) return reach(document.querySelector(`[data-clip="${CLIP[key]}"]`));
  return reach(document.querySelector(`[data-shortcut="${CSS.escape(key)}"]`));
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest('input, textarea, select, dialog')) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : '';
  if (!key || (key === ' ' && event.target.closest('button, a, summary'))) return; // space presses what has the focus
  if (key === 'v') { toggle(); return; } // also where nothing but the place sounds
  const button = meant(key);
  if (!button) return;
  event.preventDefault();
  button.click();
});
