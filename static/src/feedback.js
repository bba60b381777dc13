// What changed, felt at once: "+5 Affinity" rises over the portrait, "Discovered: Tavern Regular" comes as a toast.
const TOAST_MS = 6000;
const BADGE_MS = 3200;
let told = 0; // the newest seq that was shown: a change comes with the answer and as a frame, and is told once

export function startFrom(seq) { told = seq; }

export function tell(seq, changes) {
  if (seq <= told) return;
  told = seq;
  say(changes);
}

export function say(changes) {
  for (const change of changes) {
    if (!change.label || change.path === 'location') continue; // the place stands above, in the same moment
    const flown = change.path.startsWith('relationships.') && badge(change);
    toast(change.label, flown ? 'sr-only' : 'toast'); // a badge is hidden from screen readers, so it is said as well
  }
}

export function toast(text, name = 'toast') {
  const made = stamp('t-toast', text);
  made.className = name;
  document.getElementById('toasts').append(made);
  setTimeout(() => made.remove(), TOAST_MS);
}

function badge(change) {
  const place = document.querySelector(`[data-npc="${CSS.escape(change.npc_id)}"] .badges`);
  if (!place) return false;
  const made = stamp('t-badge', change.label);
  made.dataset.sign = Math.sign(change.after - change.before);
  place.append(made);
  setTimeout(() => made.remove(), BADGE_MS);
  return true;
}

function stamp(id, text) {
  const made = document.getElementById(id).content.firstElementChild.cloneNode(true);
  made.textContent = text;
  return made;
}
