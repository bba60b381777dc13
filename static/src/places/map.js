// Places on the plan: dragged, or moved with the arrow keys. What is sent are the numbers beside it.
const form = document.querySelector('form.map');
const plan = document.getElementById('plan');
const told = document.getElementById('map-told');
const step = Number(form.dataset.step);
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const rounded = (value) => Math.round(value * 100) / 100;
const fields = (mark) => ['x', 'y'].map((name) => form.elements[`${name}_${mark.dataset.place}`]);
const where = (mark) => fields(mark).map((field) => Number(field.value) || 0);

function draw(mark) {
  const [x, y] = where(mark);
  mark.setAttribute('transform', `translate(${x} ${y})`);
  mark.setAttribute('aria-label', `${mark.dataset.name}, at ${x}, ${y}. The arrow keys move it.`);
}

function move(mark, x, y) {
  const [left, top] = fields(mark);
  left.value = rounded(x);
  top.value = rounded(y);
  draw(mark);
}

const at = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(plan.getScreenCTM().inverse());

for (const mark of plan.querySelectorAll('.place')) {
  mark.setAttribute('tabindex', '0');
  mark.setAttribute('role', 'button');
  draw(mark);
  let grip = null;
  mark.addEventListener('pointerdown', (event) => {
    const point = at(event);
    const [x, y] = where(mark);
    grip = [x - point.x, y - point.y];
    mark.setPointerCapture(event.pointerId);
    mark.classList.add('is-held');
  });
  mark.addEventListener('pointermove', (event) => {
    if (!grip) return;
    const point = at(event);
    move(mark, point.x + grip[0], point.y + grip[1]);
  });
  for (const end of ['pointerup', 'pointercancel']) mark.addEventListener(end, () => { grip = null; mark.classList.remove('is-held'); });
  mark.addEventListener('keydown', (event) => {
    const way = MOVES[event.key];
    if (!way) return;
    event.preventDefault();
    const [x, y] = where(mark);
    const far = event.shiftKey ? step * 10 : step;
    move(mark, x + way[0] * far, y + way[1] * far);
    told.textContent = `${mark.dataset.name}: ${where(mark).join(', ')}`;
  });
  for (const field of fields(mark)) field.addEventListener('input', () => draw(mark));
}
