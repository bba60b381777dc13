// The scrub bar: moving it shows the player's page at that version, and marks its event, without loading the page anew.
const root = document.querySelector('.timeline');
const bar = document.getElementById('scrub');
const frame = document.getElementById('then');
const rows = new Map([...document.querySelectorAll('.events [data-version]')].map((row) => [Number(row.dataset.version), row]));
const view = root.dataset.view.replace(/0\/$/, '');
let later;

function show(version) {
  const row = rows.get(version);
  if (!row) return;
  bar.value = version;
  document.getElementById('scrub-at').value = `${version} of ${root.dataset.last}`;
  document.querySelector('.events [aria-current]')?.removeAttribute('aria-current');
  row.setAttribute('aria-current', 'step');
  const list = document.getElementById('events');
  list.scrollTo({ top: row.offsetTop - list.offsetTop - list.clientHeight / 2 });
  const words = [row.querySelector('.event-title'), row.querySelector('.event-changes')].filter(Boolean).map((part) => part.textContent);
  document.getElementById('scrub-title').textContent = words.join(' – ');
  clearTimeout(later); // while it is being dragged not every version is fetched
  later = setTimeout(() => {
    frame.title = `The player's page at version ${version}`;
    frame.contentWindow.location.replace(`${view}${version}/`);
    history.replaceState(null, '', `?version=${version}`);
  }, 150);
}

document.getElementById('scrub-go').hidden = true;
bar.addEventListener('input', () => show(Number(bar.value)));
document.addEventListener('click', (event) => {
  const step = { earlier: -1, later: 1 }[event.target.id];
  const picked = event.target.closest('.event-title')?.closest('[data-version]');
  if ((step === undefined && !picked) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(picked ? Number(picked.dataset.version) : Number(bar.value) + step);
});
