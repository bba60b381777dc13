// The world switcher goes by itself; its button is for who has no script.
const form = document.getElementById('switcher');
if (form) {
  form.querySelector('button').hidden = true;
  form.querySelector('select').addEventListener('change', () => {
    // A list that names its world in the address would go on showing that one.
    const next = form.querySelector('[name=next]');
    const url = new URL(next.value, location.href);
    url.searchParams.delete('of_world');
    next.value = url.pathname + url.search;
    form.requestSubmit();
  });
}
