// How the player likes to play, as the server put it on the page. What is changed here holds at once and is kept with the account.
const chosen = document.documentElement.dataset;

export const volume = () => Number(chosen.volume ?? 70) / 100;

export function keep(name, value) {
  chosen[name] = value;
  const settings = document.querySelector('[data-shortcut=","]');
  if (!settings) return; // a playtest keeps nothing
  const given = new FormData();
  given.set(name, value);
  given.set('csrfmiddlewaretoken', document.querySelector('[name=csrfmiddlewaretoken]').value);
  fetch(settings.pathname, { method: 'POST', body: given, headers: { 'X-Part': '1' }, keepalive: true }).catch(() => {}); // the page holds it anyway
}
