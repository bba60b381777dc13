// Small drawings on buttons and cards; the words beside them or their labels say the same.
import { html } from '../../vendor/graph.js';

const PATHS = {
  video: 'M8 5.5v13l10.5-6.5z',
  choice: 'M12 20v-7m0 0L6 6m6 7 6-7M6 10V6h4m4 0h4v4',
  dialogue: 'M4.5 5.5h15v10h-8l-4 3.5v-3.5h-3z',
  scene: 'M9 4.5H5.5v15H9M12 12h8m0 0-3.5-3.5M20 12l-3.5 3.5',
  end: 'M6 20V4.5h11l-2.5 4 2.5 4H6',
  generate: 'M12 3.5l1.9 5.6 5.6 1.9-5.6 1.9L12 18.5l-1.9-5.6L4.5 11l5.6-1.9zM18.5 16.5l.8 2.2 2.2.8-2.2.8-.8 2.2-.8-2.2-2.2-.8 2.2-.8z',
  play: 'M5 4.5v15M9 5.5l10 6.5-10 6.5z',
  problem: 'M12 4.5 20.5 19h-17zM12 10v4m0 2.2v.3',
  lock: 'M6.5 11h11v8.5h-11zM9 11V8.2a3 3 0 0 1 6 0V11',
  effect: 'M13 3.5 6.5 13H11l-1 7.5L17.5 10H13z',
  add: 'M12 5v14M5 12h14',
  undo: 'M8 5.5 4.5 9 8 12.5M5 9h9a5 5 0 0 1 0 10h-3',
  redo: 'm16 5.5 3.5 3.5L16 12.5M19 9h-9a5 5 0 0 0 0 10h3',
  tidy: 'M4.5 5h5v4h-5zM14.5 5h5v4h-5zM14.5 15h5v4h-5zM9.5 7h5M12 7v10h2.5',
  fit: 'M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15',
  search: 'M10.5 4.5a6 6 0 1 1 0 12 6 6 0 0 1 0-12zm4.3 10.3 4.7 4.7',
  link: 'M5 12h12m0 0-4-4m4 4-4 4M20 6v12',
  bin: 'M5 7h14M9.5 7V4.5h5V7M7 7l1 12.5h8L17 7',
  copy: 'M8.5 8.5h11v11h-11zM8.5 15.5h-4v-11h11v4',
  paste: 'M7.5 5.5h-2v14h13v-14h-2M9 4h6v3.5H9z',
  close: 'm6 6 12 12M18 6 6 18',
  up: 'm6 14 6-6 6 6',
  down: 'm6 10 6 6 6-6',
  keys: 'M3.5 7h17v10h-17zM7 10.2v.1m3.3-.1v.1m3.3-.1v.1m3.4-.1v.1M8 14h8',
  select: 'M5 5h2m3 0h4m3 0h2v2m0 3v4m0 3v2h-2m-3 0h-4m-3 0H5v-2m0-3v-4m0-3V5',
  minus: 'M5 12h14',
  start: 'M5 12h10m0 0-4-4m4 4-4 4M19 5v14',
};

export function Icon({ name }) {
  return html`<svg className="ge-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>`;
}
