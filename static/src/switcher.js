// The world switcher goes by itself when a world is chosen by pointer; by keyboard, where every arrow key chooses, on Enter or with its button,
// which is also for who has no script.
const form = document.getElementById('switcher');
if (form) {
  const select = form.querySelector('select');
  const show = form.querySelector('button');
  let byKey = false;
  show.hidden = true;
  select.addEventListener('pointerdown', () => { byKey = false; });
  select.addEventListener('keydown', (event) => {
    byKey = true;
    if (event.key === 'Enter') { event.preventDefault(); form.requestSubmit(); }
  });
  select.addEventListener('change', () => {
    // A list that names its world in the address would go on showing that one.
    const next = form.querySelector('[name=next]');
    const url = new URL(next.value, location.href);
    url.searchParams.delete('of_world');
    next.value = url.pathname + url.search;
    if (byKey) show.hidden = false;
    else form.requestSubmit();
  });
}
