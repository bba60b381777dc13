// The clip: when choices appear, captions drawn by us, skip and pause. Whatever happens to the video, the choices come.
import { keep, volume } from './settings.js';
import * as sound from './sound.js';

const asked = matchMedia('(prefers-reduced-motion: reduce)');
const calm = { get matches() { return asked.matches || document.documentElement.dataset.motion === 'less'; } };
const GRACE_SEC = 4; // a clip this late shows its choices anyway
let current = null;

export function sync(stage) {
  const video = stage.querySelector('#clip');
  const acts = stage.querySelector('#acts');
  const key = acts?.dataset.key;
  if (current && current.video === video && current.key === key) return;
  const arrived = Boolean(current) && current.key === key; // it comes to a node that is being read: its choices stay
  current?.stop();
  current = begin(stage, video, acts, key, arrived);
}

function begin(stage, video, acts, key, arrived) {
  const off = new AbortController();
  const wait = waiting(acts);
  if (video) {
    const on = (type, act) => video.addEventListener(type, act, { signal: off.signal });
    sound.hear(video);
    document.addEventListener('settings', () => sound.hear(video), { signal: off.signal });
    tools(stage, video, wait.end, off.signal);
    captions(stage, video, on);
    const at = Number(acts?.dataset.revealAt ?? 0);
    if (!arrived && at > video.currentTime && !video.ended && !video.error && !calm.matches) {
      const patience = () => wait.atMost(at - video.currentTime + GRACE_SEC);
      wait.begin();
      patience();
      on('play', patience);
      on('timeupdate', () => { if (video.currentTime >= at) wait.end(); });
      for (const type of ['ended', 'error', 'stalled', 'abort']) on(type, wait.end);
    }
    on('ended', () => goOn(stage));
    if (calm.matches) video.pause();
    else if (video.paused && !video.ended) video.play().catch(() => { video.muted = true; return video.play(); }).catch(wait.end);
  }
  return { video, key, stop: () => { off.abort(); wait.end(); } };
}

// Choices are in the page from the start and hidden only by script, so without it they are simply there.
function waiting(acts) {
  let timer;
  return {
    begin() { acts.setAttribute('data-wait', ''); acts.inert = true; },
    atMost(seconds) { clearTimeout(timer); timer = setTimeout(this.end, seconds * 1000); },
    end() {
      clearTimeout(timer);
      acts?.removeAttribute('data-wait');
      if (acts) acts.inert = false;
    },
  };
}

const hasChoices = (stage) => stage.querySelector('#acts .choices, #acts .chips');

// A clip without words or choices goes on by itself; one with text waits until it has been read.
function goOn(stage, { read = false } = {}) {
  if (hasChoices(stage) || (!read && stage.querySelector('.prose'))) return false;
  const form = stage.querySelector('[data-continue]');
  form?.requestSubmit();
  return Boolean(form);
}

function tools(stage, video, reveal, signal) {
  const bar = stage.querySelector('.clip-tools');
  bar.hidden = false;
  const pause = bar.querySelector('[data-clip="pause"]');
  const show = () => {
    pause.querySelector('.icon').className = `icon ${video.paused ? 'icon-play' : 'icon-pause'}`;
    pause.querySelector('.sr-only').textContent = video.paused ? 'Play the clip' : 'Pause the clip';
  };
  for (const type of ['play', 'pause', 'ended']) video.addEventListener(type, show, { signal });
  show();
  const button = bar.querySelector('[data-clip="sound"]');
  const heard = () => { button.hidden = !hasSound(video); button.setAttribute('aria-pressed', volume() > 0); };
  video.addEventListener('timeupdate', heard, { signal });
  document.addEventListener('settings', heard, { signal });
  heard();
  const acts = {
    pause: () => { if (video.paused) video.play().catch(() => {}); else video.pause(); },
    captions: (pressed) => toggleCaptions(stage, pressed),
    sound: sound.toggle,
    skip: () => {
      if (Number.isFinite(video.duration) && !video.loop) video.currentTime = video.duration;
      reveal();
      if (!goOn(stage, { read: true })) stage.querySelector('#panel')?.focus();
    },
  };
  bar.addEventListener('click', (event) => {
    const pressed = event.target.closest('[data-clip]');
    if (pressed) acts[pressed.dataset.clip](pressed);
  }, { signal });
}

// No browser says it by a common name, and each only once some of the clip has played.
const hasSound = (video) => Boolean(video.mozHasAudio || video.webkitAudioDecodedByteCount || video.audioTracks?.length);

const wanted = () => document.documentElement.dataset.captions !== 'off';

function toggleCaptions(stage, button) {
  keep('captions', wanted() ? 'off' : 'on');
  button.setAttribute('aria-pressed', wanted());
  const line = stage.querySelector('#caption');
  line.hidden = !wanted() || !line.textContent;
}

// The browser's own box would lie behind the panels: the cues are read, and drawn by us.
function captions(stage, video, on) {
  const track = video.querySelector('track');
  const line = stage.querySelector('#caption');
  if (!track || !line) return;
  stage.querySelector('[data-clip="captions"]')?.setAttribute('aria-pressed', wanted());
  track.track.mode = 'hidden';
  const draw = () => {
    const now = [...(track.track.cues ?? [])].find((cue) => cue.startTime <= video.currentTime && video.currentTime < cue.endTime);
    line.textContent = now?.getCueAsHTML().textContent ?? '';
    line.hidden = !now || !wanted();
  };
  for (const type of ['timeupdate', 'seeked', 'play']) on(type, draw);
  track.addEventListener('load', draw);
  draw();
}
