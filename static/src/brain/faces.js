// Faces: the picture as players see it beside each row, pictures picked from a gallery, and the crop drawn on the picture.
import { change, el, json, newRow, say } from './dom.js';
import { crop } from './crop.js';

const SVG = 'http://www.w3.org/2000/svg';

export function faces(form) {
  const rows = form.querySelector('#faces-rows');
  if (!rows) return;
  const pictures = json('lab-pictures');
  for (const row of rows.querySelectorAll('.face-row')) new Face(row, pictures);
  const add = el('button', { type: 'button', className: 'button', onclick: () => {
    const row = newRow(rows, form.querySelector('#faces-empty'), rows.dataset.prefix);
    new Face(row, pictures);
    row.querySelector('input[type=text]').focus();
  } }, 'Add a face');
  rows.after(el('p', { className: 'faces-add' }, add));
}

class Face {
  constructor(row, pictures) {
    Object.assign(this, { row, pictures, prefix: row.dataset.row });
    this.shown = row.querySelector('.face-picture');
    this.pick = el('button', { type: 'button', className: 'button', onclick: () => this.gallery() }, 'Pick …');
    this.cut = el('button', { type: 'button', className: 'button', onclick: () => this.crop() }, 'Crop …');
    this.whole = el('button', { type: 'button', className: 'button', onclick: () => this.setCrop(null) }, 'Whole picture');
    this.shown.after(el('div', { className: 'face-acts' }, this.pick, this.cut, this.whole));
    row.addEventListener('input', () => this.draw());
    row.addEventListener('change', (event) => {
      if (event.target === this.field('upload')) this.upload(event.target.files[0]);
      else this.draw();
    });
    this.draw();
  }

  field(name) { return this.row.querySelector(`[name="${this.prefix}-${name}"]`); }
  get picture() { return this.pictures[this.field('asset').value]; }
  get area() {
    const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) => this.field(`crop_${name}`).value);
    return [x, y, width, height].every((one) => one !== '') && Number(width) > 0 && Number(height) > 0 ? { x: Number(x), y: Number(y), width: Number(width), height: Number(height) } : null;
  }

  setCrop(area) {
    for (const name of ['x', 'y', 'width', 'height']) change(this.field(`crop_${name}`), area ? Math.round(area[name]) : '');
    this.draw();
  }

  draw() {
    const { picture, area } = this;
    this.row.classList.toggle('is-gone', this.field('DELETE')?.checked ?? false);
    this.cut.disabled = !picture;
    this.whole.hidden = !area;
    if (!picture) { this.shown.replaceChildren(el('span', { className: 'face-none' }, 'No picture yet')); return; }
    const width = picture.width ?? 1;
    const height = picture.height ?? 1;
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('viewBox', area ? `${area.x} ${area.y} ${area.width} ${area.height}` : `0 0 ${width} ${height}`);
    svg.setAttribute('preserveAspectRatio', 'xMidYMid slice');
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', `${this.field('state').value || 'face'}: ${picture.name}`);
    const image = document.createElementNS(SVG, 'image');
    image.setAttribute('href', picture.url);
    image.setAttribute('width', width);
    image.setAttribute('height', height);
    svg.append(image);
    this.shown.replaceChildren(svg);
  }

  async crop() {
    const area = await crop(this.picture, this.area, `${this.field('state').value || 'Face'}: the part to show`);
    if (!area) return;
    this.setCrop(area);
    say(`Cropped to ${Math.round(area.width)} by ${Math.round(area.height)} pixels.`);
    this.cut.focus();
  }

  gallery() {
    const choose = (id) => { change(this.field('asset'), id); dialog.close(); this.pick.focus(); };
    const tiles = Object.entries(this.pictures).reverse().map(([id, picture]) => el('li', {}, el('button', { type: 'button', className: 'gallery-tile', onclick: () => choose(id) },
      el('img', { src: picture.url, alt: '', loading: 'lazy', width: 120, height: 120 }), el('span', {}, picture.name))));
    const dialog = el('dialog', { className: 'lab-dialog', 'aria-label': 'Pick a picture' }, el('h2', {}, 'Pick a picture'),
      tiles.length ? el('ul', { className: 'gallery' }, ...tiles) : el('p', {}, 'There is no picture yet. Upload one.'),
      el('p', { className: 'dialog-acts' }, el('button', { type: 'button', className: 'button', onclick: () => dialog.close() }, 'Close')));
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  // At once, so that the picture can be cropped before the person is saved. Where it fails the file stays in its field and goes with the form.
  async upload(file) {
    if (!file) return;
    const field = this.field('upload');
    field.closest('.lab-field').querySelector('.errorlist')?.remove();
    const body = new FormData();
    body.append('file', file);
    body.append('label', `${document.getElementById('id_name').value}, ${this.field('state').value || 'face'}`.slice(0, 200));
    const answer = await fetch('/api/v1/assets/', { method: 'POST', body, headers: { 'X-CSRFToken': document.querySelector('[name=csrfmiddlewaretoken]').value } }).catch(() => null);
    const made = await answer?.json().catch(() => null);
    const problem = !answer ? 'It could not be uploaded; it goes with the form.' : !answer.ok ? made?.detail ?? 'It was refused.' : made.media_type !== 'image' ? 'This is no picture.' : '';
    if (problem) {
      field.after(el('ul', { className: 'errorlist' }, el('li', {}, problem)));
      return;
    }
    this.pictures[made.id] = { url: made.url, name: made.label || file.name, width: made.width, height: made.height };
    for (const select of document.querySelectorAll('#faces-rows select[name$="-asset"]')) select.add(new Option(made.label || file.name, made.id));
    field.value = '';
    change(this.field('asset'), made.id);
    say(`${file.name} is uploaded.`);
  }
}
