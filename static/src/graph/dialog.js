// A modal dialog of the browser: it keeps the focus, closes with Escape and gives the focus back.
import { html, useEffect, useRef } from '../../vendor/graph.js';
import { Icon } from './icons.js';

export function Dialog({ title, onClose, wide = false, children }) {
  const dialog = useRef(null);
  useEffect(() => {
    const back = document.activeElement;
    dialog.current.showModal();
    const body = dialog.current.querySelector('.ge-dialog-body');
    (body.querySelector('input, select, textarea, button') ?? body).focus();
    return () => { if (back?.isConnected && document.activeElement === document.body) back.focus({ preventScroll: true }); };
  }, []);
  return html`<dialog ref=${dialog} className=${wide ? 'ge-dialog ge-wide' : 'ge-dialog'} aria-labelledby="ge-dialog-title" onClose=${onClose} onKeyDown=${(event) => event.stopPropagation()}
      onClick=${(event) => { if (event.target === dialog.current) onClose(); }}>
    <header><h2 id="ge-dialog-title">${title}</h2><button type="button" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button></header>
    <div className="ge-dialog-body" tabIndex=${0}>${children}</div>
  </dialog>`;
}
