// The crop rectangle on the picture (cropperjs 2, brought only when it is wanted). Answers in pixels of the picture, null where it was left.
import { el } from './dom.js';

const PARTS = ['n-resize', 'e-resize', 's-resize', 'w-resize', 'ne-resize', 'nw-resize', 'se-resize', 'sw-resize'];

// By attribute: the parts read what is set so, and a property of the same name wants another type.
function part(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export async function crop(picture, area, title) {
  await import('../../vendor/cropper.js');
  const most = Math.min(innerWidth - 64, 820);
  const scale = Math.min(most / picture.width, Math.max(240, innerHeight - 260) / picture.height);
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  const image = part('cropper-image', { src: picture.url, alt: title });
  const selection = part('cropper-selection', { movable: '', resizable: '', keyboard: '', outlined: '', tabindex: '0', role: 'group', 'aria-label': 'The part to show; arrow keys move it' },
    part('cropper-grid', { role: 'presentation', covered: '', 'aria-hidden': 'true' }),
    part('cropper-handle', { action: 'move', 'theme-color': 'rgba(255, 255, 255, 0.08)' }), ...PARTS.map((action) => part('cropper-handle', { action })));
  const canvas = part('cropper-canvas', { background: '' }, image, part('cropper-shade'), part('cropper-handle', { action: 'select', plain: '' }), selection);
  canvas.style.inlineSize = `${width}px`;
  canvas.style.blockSize = `${height}px`;
  const fields = Object.fromEntries(['x', 'y', 'width', 'height'].map((name) => [name, el('input', { type: 'number', min: '0', name, 'aria-label': { x: 'Left', y: 'Top', width: 'Width', height: 'Height' }[name] })]));
  const done = el('button', { type: 'button', className: 'button default' }, 'Use this part');
  const leave = el('button', { type: 'button', className: 'button' }, 'Leave it as it was');
  const dialog = el('dialog', { className: 'lab-dialog crop-dialog' }, el('h2', {}, title), canvas,
    el('p', { className: 'crop-numbers' }, ...Object.entries(fields).map(([, field]) => el('label', {}, field.getAttribute('aria-label'), field))),
    el('p', { className: 'dialog-acts' }, done, leave));
  dialog.setAttribute('aria-label', title);
  document.body.append(dialog);
  dialog.showModal();
  await image.$ready();
  // The canvas is the picture, to scale: the image fills it and does not move.
  image.$center('contain');

  let now = area ?? { x: picture.width * 0.2, y: picture.height * 0.05, width: picture.width * 0.6, height: picture.width * 0.6 };
  const clamped = ({ x, y, width: wide, height: high }) => {
    const left = Math.min(Math.max(0, x), picture.width - 1);
    const top = Math.min(Math.max(0, y), picture.height - 1);
    return { x: left, y: top, width: Math.max(1, Math.min(wide, picture.width - left)), height: Math.max(1, Math.min(high, picture.height - top)) };
  };
  const tell = () => { for (const [name, field] of Object.entries(fields)) field.value = Math.round(now[name]); };
  const put = () => selection.$change(now.x * scale, now.y * scale, now.width * scale, now.height * scale);
  now = clamped(now);
  put();
  tell();
  selection.addEventListener('change', ({ detail, target }) => {
    if (target !== selection) return;
    now = clamped({ x: detail.x / scale, y: detail.y / scale, width: detail.width / scale, height: detail.height / scale });
    tell();
  });
  for (const [name, field] of Object.entries(fields)) field.addEventListener('change', (event) => {
    event.stopPropagation();
    now = clamped({ ...now, [name]: Number(field.value) });
    put();
    tell();
  });
  return new Promise((resolve) => {
    let answer = null;
    done.addEventListener('click', () => { answer = { x: Math.round(now.x), y: Math.round(now.y), width: Math.round(now.width), height: Math.round(now.height) }; dialog.close(); });
    leave.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => { dialog.remove(); resolve(answer); });
    done.focus();
  });
}
