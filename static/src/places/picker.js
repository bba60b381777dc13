// Choosing a place's picture and model by looking at them. The select stays what is sent; uploading is a field of the form, and quicker here.
import { change, el, json, say } from '../brain/dom.js';

const assets = json('place-assets');
const NAMES = { picture: 'picture', asset: '3-D model' };

for (const [name, words] of Object.entries(NAMES)) {
  const select = document.getElementById(`id_${name}`);
  if (select) picker(select, words);
}

function picker(select, words) {
  const shown = el('div', { className: 'asset-pick' });
  const pick = el('button', { type: 'button', className: 'button', onclick: () => gallery() }, `Pick a ${words} …`);
  (select.closest('.related-widget-wrapper') ?? select).after(shown);
  const draw = () => {
    const chosen = assets[select.value];
    shown.replaceChildren(chosen?.thumbnail ? el('img', { src: chosen.thumbnail, alt: chosen.name, width: 144, height: 82 }) : el('span', { className: 'asset-none' }, chosen?.name ?? ''), pick);
  };
  select.addEventListener('change', draw);
  draw();

  function gallery() {
    const offered = [...select.options].filter((option) => option.value && assets[option.value]).map((option) => ({ id: option.value, ...assets[option.value] }));
    const tiles = (found) => el('ul', { className: 'gallery' }, ...found.map(({ id, ...one }) => el('li', {}, el('button', { type: 'button', className: 'gallery-tile', onclick: () => { change(select, id); dialog.close(); pick.focus(); } },
      one.thumbnail ? el('img', { src: one.thumbnail, alt: '', loading: 'lazy', width: 120, height: 120 }) : el('span', { className: 'asset-none' }), el('span', {}, one.name)))));
    const groups = [['Of this world', offered.filter((one) => one.here)], ['Your other assets', offered.filter((one) => !one.here)]].filter(([, found]) => found.length);
    const dialog = el('dialog', { className: 'lab-dialog', 'aria-label': `Pick a ${words}` }, el('h2', {}, `Pick a ${words}`),
      ...(groups.length ? groups.flatMap(([title, found]) => [el('h3', {}, title), tiles(found)]) : [el('p', {}, 'There is none yet. Upload one.')]),
      el('p', { className: 'dialog-acts' }, el('button', { type: 'button', className: 'button', onclick: () => dialog.close() }, 'Close')));
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  const file = document.getElementById(`id_upload_${select.name}`);
  const uploads = file?.closest('fieldset');
  if (file) shown.after(file.closest('.form-row')); // beside what it fills; below the form without script
  if (uploads && !uploads.querySelector('.form-row')) uploads.remove();
  file?.addEventListener('change', async () => {
    if (!file.files[0]) return;
    file.parentElement.querySelector('.errorlist')?.remove();
    const body = new FormData();
    body.append('file', file.files[0]);
    const answer = await fetch('/api/v1/assets/', { method: 'POST', body, headers: { 'X-CSRFToken': document.querySelector('[name=csrfmiddlewaretoken]').value } }).catch(() => null);
    const made = await answer?.json().catch(() => null);
    const wanted = select.name === 'asset' ? 'gltf' : 'image';
    const problem = !answer ? 'It could not be uploaded; it goes with the form.' : !answer.ok ? made?.detail ?? 'It was refused.' : made.media_type !== wanted ? `This is no ${words}.` : '';
    if (problem) { file.after(el('ul', { className: 'errorlist' }, el('li', {}, problem))); return; }
    assets[made.id] = { name: made.label || file.files[0].name, thumbnail: made.poster_url ?? (wanted === 'image' ? made.url : null), here: false };
    if (![...select.options].some((option) => option.value === String(made.id))) select.add(new Option(assets[made.id].name, made.id));
    change(select, made.id);
    say(`${file.files[0].name} is uploaded.`);
    file.value = '';
  });
}
