// What is not the picture itself: the sound of the place, and the next clips, loaded before they are chosen.
import { volume } from './settings.js';

const thrifty = () => navigator.connection?.saveData || /2g/.test(navigator.connection?.effectiveType ?? '');

export function sync(stage) {
  sound(stage.querySelector('#ambient'));
  if (!thrifty()) prefetch(JSON.parse(stage.dataset.ahead || '[]'));
}

// A browser lets no sound begin before the player has pressed something; the next move asks again.
function sound(ambient) {
  if (!ambient) return;
  ambient.volume = volume();
  if (!volume()) ambient.pause();
  else if (ambient.paused) ambient.play().catch(() => {});
}

// Detached players fill the browser's cache under the same rules as the clip itself; only those that may still be next are kept.
const loading = new Map();

function prefetch(urls) {
  for (const url of [...loading.keys()]) if (!urls.includes(url)) loading.delete(url);
  for (const url of urls) if (!loading.has(url)) loading.set(url, Object.assign(document.createElement('video'), { preload: 'auto', muted: true, src: url }));
}

document.addEventListener('settings', () => sound(document.getElementById('ambient')));
