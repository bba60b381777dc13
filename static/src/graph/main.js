// The graph editor of one scene: reads what the page says, fetches the rest over REST, draws.
const root = document.getElementById('graph-editor');

start().catch((error) => {
  const words = root.querySelector('.ge-loading');
  if (!words) throw error;
  words.setAttribute('role', 'alert');
  words.textContent = error.words ?? 'The graph cannot be drawn here. Its nodes and ways can be edited as forms.';
  words.append(' ', Object.assign(document.createElement('a'), { href: root.dataset.forms, textContent: 'Open the forms' }));
});

async function start() {
  const [{ createRoot, html }, { Editor }, { open }] = await Promise.all([import('../../vendor/graph.js'), import('./editor.js'), import('./session.js')]);
  const session = await open(root);
  createRoot(root).render(html`<${Editor} session=${session} />`);
}
