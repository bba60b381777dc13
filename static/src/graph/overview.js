// The whole scene in the corner, and where one is in it. One path for each kind: React Flow's own map asks every node at every move, which a thousand nodes cannot afford.
import { html, memo, useMemo, useStore } from '../../vendor/graph.js';
import { CARD } from './model.js';

const ROOM = 160; // around everything, in the graph's pixels

export function Overview({ graph, lie, acts }) {
  const { paths, box } = useMemo(() => sketch(graph, lie), [graph, lie]);
  if (!box) return null;
  const to = (event) => {
    if (!(event.buttons & 1)) return;
    const drawn = event.currentTarget;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawn.getScreenCTM().inverse());
    acts.flow.setCenter(x, y, { zoom: acts.flow.getZoom() });
  };
  return html`<svg className="ge-map" viewBox=${box.join(' ')} role="img" aria-label="Map of the scene" onPointerDown=${(event) => { event.currentTarget.setPointerCapture(event.pointerId); to(event); }} onPointerMove=${to}>
    ${paths.map(([kind, path]) => html`<path key=${kind} className=${`ge-mini-${kind}`} d=${path} />`)}
    <${Window} />
  </svg>`;
}

const edges = ({ transform: [x, y, zoom], width, height }) => `${-x / zoom} ${-y / zoom} ${width / zoom} ${height / zoom}`;

const Window = memo(() => {
  const [x, y, width, height] = useStore(edges).split(' ');
  return html`<rect className="ge-window" x=${x} y=${y} width=${width} height=${height} />`;
});

function sketch(graph, lie) {
  if (!graph.nodes.length) return { paths: [], box: null };
  const paths = new Map();
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const node of graph.nodes) {
    const { x, y } = node.meta?.position ?? lie.get(node.id) ?? { x: 0, y: 0 };
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + CARD.width), Math.max(bottom, y + CARD.height)];
    paths.set(node.kind, `${paths.get(node.kind) ?? ''}M${x} ${y}h${CARD.width}v${CARD.height}h-${CARD.width}z`);
  }
  return { paths: [...paths], box: [left - ROOM, top - ROOM, right - left + 2 * ROOM, bottom - top + 2 * ROOM] };
}
