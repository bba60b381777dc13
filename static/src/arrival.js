// A clip that is made while its node is shown: a note says how far it is, and when it comes it fades in over what stood in for it.
const FADE_MS = 900; // as in game.css
const PATIENCE_MS = 4000; // a clip that shows nothing by then is shown anyway
const calm = matchMedia('(prefers-reduced-motion: reduce)');

// A frame without seq; only what belongs to the node on stage is told.
export function progress(frame) {
  const note = document.getElementById('making');
  const panel = document.getElementById('panel');
  if (!note || panel?.dataset.key !== `panel-${frame.scene_id}-${frame.node_id}`) return;
  note.hidden = ['failed', 'moderated', 'cancelled', 'completed'].includes(frame.status);
  const bar = note.querySelector('progress');
  bar.hidden = frame.progress === null;
  if (frame.progress !== null) bar.value = frame.progress;
}

// The old picture lies beneath, outside the stage, until the new one can be seen.
export function fadeIn(fresh, old, stage) {
  const video = fresh.querySelector('video');
  if (!video || calm.matches) return;
  delete old.dataset.key;
  old.querySelector('#clip')?.removeAttribute('id');
  old.setAttribute('aria-hidden', 'true');
  old.inert = true;
  stage.before(old);
  fresh.setAttribute('data-arriving', '');
  const show = () => {
    fresh.removeAttribute('data-arriving');
    setTimeout(() => old.remove(), FADE_MS);
  };
  for (const type of ['loadeddata', 'error']) video.addEventListener(type, show, { once: true });
  setTimeout(show, PATIENCE_MS);
}
