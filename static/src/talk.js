// A line that is being written grows where the dots are. Only text, never markup; the whole line comes with the log, and may be another one.
let newest = null; // a part may come before the stage has room for it

export function grow(part = newest) {
  newest = part;
  const place = part && document.querySelector(`.growing[data-turn="${CSS.escape(part.turn)}"]`);
  if (!place || place.textContent === part.text) return;
  place.textContent = part.text;
  place.setAttribute('data-on', '');
  const lines = document.getElementById('lines');
  lines.scrollTop = lines.scrollHeight;
}
