// "Playtest from here": the site's own playtest pages in a dialog over the graph, with the graph as it is on the screen.
import { fit } from './rest.js';

const root = document.getElementById('graph-editor');
let dialog;

root.addEventListener('graph:playtest', (event) => {
  event.preventDefault();
  const { node, graph, unsaved } = event.detail;
  open();
  post({ node, graph: unsaved ? JSON.stringify(fit(graph)) : '' });
});

function open() {
  dialog ??= build();
  dialog.querySelector('iframe').replaceWith(frame()); // nothing of the last playtest is seen while this one comes
  dialog.showModal();
}

const frame = () => Object.assign(document.createElement('iframe'), { name: 'ge-playtest', title: 'Playtest' });

function build() {
  const made = document.createElement('dialog');
  made.className = 'ge-playtest';
  made.setAttribute('aria-labelledby', 'ge-playtest-title');
  const head = document.createElement('header');
  const close = Object.assign(document.createElement('button'), { type: 'button', textContent: 'Close' });
  close.addEventListener('click', () => made.close());
  head.append(Object.assign(document.createElement('h2'), { id: 'ge-playtest-title', textContent: 'Playtest' }), close);
  made.append(head, frame());
  made.addEventListener('keydown', (event) => event.stopPropagation()); // the canvas has its own keys
  document.body.append(made);
  return made;
}

// A form, for the graph may be large: the answer is a page and goes into the frame.
function post(fields) {
  const form = Object.assign(document.createElement('form'), { method: 'post', action: root.dataset.playtest, target: 'ge-playtest', hidden: true });
  const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
  for (const [name, value] of Object.entries({ csrfmiddlewaretoken: token, ...fields })) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
  document.body.append(form);
  form.submit();
  form.remove();
}
