// A rectangle on the picture, drawn and dragged; its four numbers are fields of the form, which say the same without a pointer.
const SIDES = ['x', 'y', 'width', 'height'];
const LEAST = 0.01;
const EDGE = 0.03; // how near the lower right corner one grips to resize

export function regions(svg, form) {
  const field = (name) => form.elements[name];
  const own = svg.querySelector('.own');
  const read = () => {
    const values = SIDES.map((name) => field(name).value);
    return values.every((value) => value !== '') ? Object.fromEntries(SIDES.map((name, index) => [name, Number(values[index])])) : null;
  };
  const draw = () => {
    const area = read();
    for (const name of SIDES) own.setAttribute(name, area ? Math.max(area[name], 0) : 0);
  };
  const write = (area) => {
    for (const name of SIDES) {
      field(name).value = String(Math.round(area[name] * 1000) / 1000);
      field(name).dispatchEvent(new Event('input', { bubbles: true }));
    }
    draw();
  };
  const inside = (value, most = 1) => Math.min(Math.max(value, 0), most);
  const at = (event) => {
    const frame = svg.getBoundingClientRect();
    return [inside((event.clientX - frame.x) / frame.width), inside((event.clientY - frame.y) / frame.height)];
  };
  let grip = null;
  svg.addEventListener('pointerdown', (event) => {
    if (event.button) return;
    const [x, y] = at(event);
    const area = read();
    const within = area && x >= area.x && y >= area.y && x <= area.x + area.width && y <= area.y + area.height;
    const corner = within && x > area.x + area.width - Math.min(EDGE, area.width / 3) && y > area.y + area.height - Math.min(EDGE, area.height / 3);
    grip = corner ? { from: [area.x, area.y] } : within ? { area, start: [x, y] } : { from: [x, y] };
    svg.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  svg.addEventListener('pointermove', (event) => {
    if (!grip) return;
    const [x, y] = at(event);
    if (grip.area) {
      write({ ...grip.area, x: inside(grip.area.x + x - grip.start[0], 1 - grip.area.width), y: inside(grip.area.y + y - grip.start[1], 1 - grip.area.height) });
      return;
    }
    const [left, top] = grip.from;
    const [width, height] = [Math.abs(x - left), Math.abs(y - top)];
    if (width >= LEAST && height >= LEAST) write({ x: Math.min(left, x), y: Math.min(top, y), width, height });
  });
  for (const end of ['pointerup', 'pointercancel']) svg.addEventListener(end, () => { grip = null; });
  form.addEventListener('input', draw);
  draw();
}
