// The page as a whole.
import { html, ReactFlowProvider, useEffect, useMemo, useState } from '../../vendor/graph.js';
import { Actions } from './acts.js';
import { Canvas, useSession } from './canvas.js';
import { Conflict } from './conflict.js';
import { Dialogs } from './dialogs.js';
import { Inspector } from './inspector.js';
import { anywhere, onCanvas, onFocus } from './keys.js';
import { Menu } from './menu.js';
import { Notices, Toolbar } from './toolbar.js';

export function Editor({ session }) {
  const { said, graph } = useSession(session);
  const acts = useMemo(() => new Actions(session), [session]);
  const [selecting, setSelecting] = useState(false);
  useEffect(() => {
    const listen = (event) => anywhere(event, session);
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [session]);
  useEffect(() => { document.title = `${session.unsaved ? '• ' : ''}${session.state.title} – graph`; });
  useEffect(() => { session.acts = acts; session.root.dataset.ready = '1'; }, [session, acts]);
  return html`<${ReactFlowProvider}>
    <${Toolbar} session=${session} acts=${acts} selecting=${selecting} setSelecting=${setSelecting} />
    <div className="ge-body">
      <div className="ge-canvas" onKeyDownCapture=${(event) => onCanvas(event, session, acts)} onFocusCapture=${(event) => onFocus(event, session)}>
        <${Canvas} session=${session} acts=${acts} selecting=${selecting} />
        ${graph.nodes.length === 0 && html`<p className="ge-empty">Nothing here yet. Press N, or “Add” above, for the first node.</p>`}
        <${Notices} session=${session} />
      </div>
      <${Inspector} session=${session} acts=${acts} />
    </div>
    <p id="ge-hint" className="ge-sr">Arrow keys go from card to card, Enter edits, N adds, C connects, question mark lists all keys.</p>
    <p className="ge-said" role="status" aria-live="polite">${said}</p>
    <${Dialogs} session=${session} acts=${acts} />
    <${Menu} session=${session} acts=${acts} />
    <${Conflict} session=${session} />
  </${ReactFlowProvider}>`;
}
