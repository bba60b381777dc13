// What sounds: nothing before the player has touched the page, for browsers allow none; then as loud as he set it, with one key for silence and back.
import { toast } from './feedback.js';
import { keep, volume } from './settings.js';

const TOUCHES = ['pointerdown', 'pointerup', 'keydown'];
let loud = volume() || 0.7; // what silence goes back to

const touched = () => navigator.userActivation?.hasBeenActive ?? false;

// As loud as it may be now. Asked again whenever the settings change, and by the first touch.
export function hear(video) {
  video.volume = volume();
  video.muted = !volume() || !touched();
}

export function toggle() {
  if (volume()) loud = volume();
  keep('volume', Math.round(volume() ? 0 : loud * 100));
  document.dispatchEvent(new CustomEvent('settings'));
  toast(volume() ? 'Sound on' : 'Sound off');
}

function wake() {
  if (!touched()) return;
  for (const type of TOUCHES) removeEventListener(type, wake, true);
  document.dispatchEvent(new CustomEvent('settings'));
}

for (const type of TOUCHES) addEventListener(type, wake, true);
