// What is wrong with the node or way whose form is shown.
import { html } from '../../vendor/graph.js';
import { Icon } from './icons.js';

export function Problems({ problems }) {
  if (!problems.length) return null;
  return html`<ul className="ge-problems" aria-label="Problems">${problems.map((problem, index) => html`<li key=${index} className=${problem.severity === 'error' ? 'ge-error' : ''}><${Icon} name="problem" /><span><span className="ge-sr">${problem.severity === 'error' ? 'Error: ' : 'Hint: '}</span>${problem.message}</span></li>`)}</ul>`;
}
