// The hotspot editor: the model, the picture and the list of names choose the same radio; a scene shows its first frame and opens beside.
import { regions } from './regions.js';

const form = document.getElementById('hotspot-form');
const picked = document.getElementById('picked');
const radios = () => [...form.querySelectorAll('input[name=object]')];
const radio = (index) => radios().find((one) => index !== null && one.value === String(index));

// -- what happens: only the fields of the chosen action ---------------------------------------------------------------
function shown() {
  const action = form.querySelector('input[name=action]:checked')?.value ?? '';
  for (const part of form.querySelectorAll('[data-for]')) part.hidden = part.dataset.for !== action;
}
form.addEventListener('change', shown);
shown();

// Enter in the title of a new scene means that scene; elsewhere the first button of the form would be it, which is wrong.
form.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.target.tagName !== 'INPUT' || event.defaultPrevented) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector(`button[value=${event.target.name === 'new_scene' ? 'create_scene' : 'save'}]`));
});

// -- the first frame of a scene ---------------------------------------------------------------------------------------
const preview = document.getElementById('scene-preview');
function show(scene, title) {
  preview.hidden = !scene;
  if (!scene) return;
  const image = preview.querySelector('img');
  const source = `/api/v1/game-scenes/${scene}/thumbnail`;
  if (image.getAttribute('src') !== source) image.src = source;
  preview.querySelector('figcaption').textContent = title;
}
for (const [on, off] of [['pointerover', 'pointerout'], ['focusin', 'focusout']]) {
  document.addEventListener(on, (event) => { const at = event.target.closest?.('[data-title]'); if (at) show(at.dataset.scene, at.dataset.title); });
  document.addEventListener(off, (event) => { if (event.target.closest?.('[data-title]')) show(null); });
}

// -- a scene beside ---------------------------------------------------------------------------------------------------
const beside = document.getElementById('beside');
function open(scene, title) {
  const address = beside.dataset.graph.replace('/0/', `/${scene}/`);
  let frame = beside.querySelector('iframe');
  if (!frame) { frame = document.createElement('iframe'); beside.append(frame); }
  if (frame.getAttribute('src') !== address) frame.src = address;
  frame.title = `Graph of ${title}`;
  document.getElementById('beside-title').textContent = title;
  document.getElementById('beside-whole').href = address;
  beside.hidden = false;
  document.getElementById('content-main').classList.add('hs-split');
}
document.addEventListener('click', (event) => {
  const link = event.target.closest('[data-beside]');
  if (!link) return;
  event.preventDefault();
  open(link.dataset.beside, link.closest('[data-title]').dataset.title);
});
document.getElementById('beside-close').addEventListener('click', (event) => {
  event.preventDefault();
  beside.hidden = true;
  beside.querySelector('iframe')?.remove();
  document.getElementById('content-main').classList.remove('hs-split');
});

// -- the picture and the model ----------------------------------------------------------------------------------------
const svg = document.getElementById('regions');
if (svg && form.elements.x) regions(svg, form);

const viewer = document.querySelector('gltf-picker');
if (viewer) {
  const told = (one) => {
    picked.textContent = one?.dataset.name ? `Selected ${one.dataset.name}.` : '';
    if (!one?.dataset.hotspot || form.elements.hotspot?.value === one.dataset.hotspot) return;
    picked.append(' It has a hotspot already: ', Object.assign(document.createElement('a'), { href: `?hotspot=${one.dataset.hotspot}`, textContent: 'edit that one' }), '.');
  };
  form.addEventListener('change', (event) => {
    if (event.target.name !== 'object') return;
    if (viewer.dataset.state === 'ready') viewer.show(event.target.value === '' ? null : Number(event.target.value));
    told(event.target);
  });
  viewer.addEventListener('ready', () => {
    viewer.listed = new Set(radios().filter((one) => one.dataset.name).map((one) => Number(one.value)));
    viewer.mark(radios().filter((one) => one.dataset.hotspot).map((one) => Number(one.value)));
    const chosen = radios().find((one) => one.checked && one.dataset.name);
    if (chosen) viewer.show(Number(chosen.value));
  });
  viewer.addEventListener('pick', (event) => {
    const one = radio(event.detail);
    if (!one) return;
    one.checked = true;
    one.scrollIntoView({ block: 'nearest' });
    one.dispatchEvent(new Event('change', { bubbles: true }));
    if (one.dataset.scene) open(one.dataset.scene, one.dataset.title);
  });
  viewer.addEventListener('point', (event) => {
    const one = radio(event.detail);
    viewer.title = one?.dataset.name ?? '';
    show(one?.dataset.scene, one?.dataset.title);
  });
  import('./viewer.js').catch(() => { viewer.dataset.state = 'no-viewer'; });
}
