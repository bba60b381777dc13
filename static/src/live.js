// One small client for every live page: JSON frames in, DOM events out, reconnects with backoff and asks for what it missed.
const SLOWEST = 10_000;
const SILENCE = 40_000; // a heartbeat comes every 15 s; two missed ones mean the line is dead

export function connect(path, target, { since = () => null, onState = () => {} } = {}) {
  let tries = 0;
  let socket;
  let watchdog;
  let closed = false;

  const heard = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => socket.close(), SILENCE);
  };
  const open = () => {
    const seq = since();
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    socket = new WebSocket(`${scheme}://${location.host}${path}${seq === null ? '' : `?since=${seq}`}`);
    socket.onopen = heard;
    socket.onmessage = (message) => {
      heard();
      const frame = JSON.parse(message.data);
      if (frame.type === 'hello') { tries = 0; onState('live'); }
      target.dispatchEvent(new CustomEvent(`live:${frame.type}`, { detail: frame }));
      target.dispatchEvent(new CustomEvent('live', { detail: frame }));
    };
    socket.onclose = ({ code }) => {
      clearTimeout(watchdog);
      if (closed) return;
      if (code === 4401 || code === 4404) { onState('refused'); return; }
      onState('lost');
      setTimeout(open, Math.min(SLOWEST, 300 * 2 ** tries++) * (0.75 + Math.random() / 2));
    };
  };
  open();
  return () => { closed = true; clearTimeout(watchdog); socket.close(); };
}
