// The week as a grid over its form rows: drag to add, to move, to resize; the same by keyboard. The rows stay the form; the chosen one is shown below.
import { change, el, newRow, say } from './dom.js';
import { pairs } from './pairs.js';
import { DAY, DAYS, STEP, Slot, clock } from './slots.js';

const CALM = 250; // ms before the server is asked what the week lacks
const NUDGE = 30; // minutes an arrow key moves

export function week(form) {
  const grid = form.querySelector('#week-grid');
  const rows = form.querySelector('#week-rows');
  if (!grid || !rows) return;
  new Week(form, grid, rows);
}

class Week {
  constructor(form, grid, rows) {
    Object.assign(this, { form, grid, rows, chosen: null, drag: null, problems: [] });
    this.build();
    this.slots = [...rows.querySelectorAll('.slot')].map((row) => this.adopt(row));
    rows.classList.add('is-grid');
    grid.hidden = false;
    rows.addEventListener('input', () => this.changed());
    rows.addEventListener('change', () => this.changed());
    this.choose(this.slots.find((slot) => slot.wrong) ?? null);
    this.changed();
  }

  get drawn() { return this.slots.filter((slot) => slot.drawn); }

  adopt(row) {
    const slot = new Slot(row);
    const remove = el('button', { type: 'button', className: 'button slot-remove', onclick: () => this.remove(slot) }, 'Delete this slot');
    row.querySelector('.slot-fields').append(el('p', { className: 'slot-acts' }, remove));
    return slot;
  }

  build() {
    const hours = el('div', { className: 'week-hours', 'aria-hidden': 'true' }, ...[0, 3, 6, 9, 12, 15, 18, 21, 24].map((hour) => {
      const line = el('span', {}, `${hour}:00`);
      line.style.setProperty('--at', hour / 24);
      return line;
    }));
    this.columns = DAYS.map((day, index) => el('div', { className: 'week-day', role: 'group', 'aria-label': day, data: { day: String(index + 1) } }));
    this.heads = el('div', { className: 'week-heads', 'aria-hidden': 'true' }, el('span', {}), ...DAYS.map((day) => el('span', {}, day.slice(0, 3))));
    this.body = el('div', { className: 'week-body' }, hours, ...this.columns);
    this.told = el('ul', { className: 'week-problems' });
    const help = el('p', { className: 'help', id: 'week-help' }, 'Drag over a day to add, drag a slot to move it, its edges to resize. By keyboard: arrows move a slot, Shift and ↑ ↓ change its end, Enter edits it, Delete takes it away.');
    const acts = el('div', { className: 'week-acts' },
      el('button', { type: 'button', className: 'button', onclick: () => this.add() }, 'Add a slot'),
      el('button', { type: 'button', className: 'button', onclick: () => this.copyMonday() }, 'Copy Monday to Friday'),
      el('button', { type: 'button', className: 'button', 'aria-pressed': 'false', onclick: ({ currentTarget }) => {
        const all = this.rows.classList.toggle('is-all');
        currentTarget.setAttribute('aria-pressed', String(all));
      } }, 'Show all as rows'));
    const scroller = el('div', { className: 'week-scroll', tabIndex: 0, role: 'region' }, this.heads, this.body);
    scroller.setAttribute('aria-label', 'Days and hours');
    this.grid.replaceChildren(acts, scroller, help, this.told);
    this.body.addEventListener('pointerdown', (event) => this.press(event));
    this.body.addEventListener('pointermove', (event) => this.move(event));
    for (const end of ['pointerup', 'pointercancel']) this.body.addEventListener(end, (event) => this.release(event));
    this.body.addEventListener('keydown', (event) => this.key(event));
    this.body.addEventListener('focusin', ({ target }) => {
      const block = target.closest('.block');
      if (block && !this.drag) this.choose(this.of(block));
    });
  }

  of(block) { return this.slots.find((slot) => slot.prefix === block.dataset.slot); }

  // -- what is shown ----------------------------------------------------------------------------------------------------
  changed() {
    if (this.drawing) return;
    this.draw();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), CALM);
  }

  draw() {
    const focused = document.activeElement?.closest?.('.block');
    const kept = focused ? `${focused.dataset.slot}/${focused.dataset.of}` : '';
    for (const column of this.columns) column.replaceChildren();
    this.drawn.forEach((slot, position) => {
      for (const piece of slot.pieces) this.columns[piece.day - 1].append(this.block(slot, piece, position));
    });
    for (const problem of this.problems) this.mark(problem);
    for (const slot of this.slots) {
      slot.row.dataset.rule = slot.rule;
      slot.row.classList.toggle('is-chosen', slot === this.chosen);
      slot.row.classList.toggle('is-gone', slot.gone);
      slot.row.classList.toggle('is-blank', slot.blank && slot !== this.chosen);
    }
    if (kept) {
      this.drawing = true; // giving the focus back chooses nothing anew
      [...this.body.querySelectorAll('.block')].find((one) => `${one.dataset.slot}/${one.dataset.of}` === kept)?.focus({ preventScroll: true });
      this.drawing = false;
    }
  }

  block(slot, piece, position) {
    const text = slot.field('activity').value;
    const made = el('button', { type: 'button', className: 'block', tabIndex: piece.first ? 0 : -1, data: { slot: slot.prefix, of: String(piece.of), rule: slot.rule, hue: hue(slot.where) } },
      el('span', { className: 'block-where' }, slot.where), el('span', { className: 'block-times' }, `${slot.times}${text ? ` ${text}` : ''}`));
    made.style.setProperty('--from', piece.from / DAY);
    made.style.setProperty('--to', piece.to / DAY);
    made.style.zIndex = String(200 - Math.min(position, 150)); // the one listed first wins, and lies on top
    made.setAttribute('aria-label', `${DAYS[piece.of - 1]} ${clock(slot.start)} to ${clock(slot.end)}, ${slot.where}${text ? `, ${text}` : ''}${piece.first ? '' : ', goes on'}`);
    made.setAttribute('aria-describedby', 'week-help');
    made.classList.toggle('is-chosen', slot === this.chosen);
    made.classList.toggle('is-wrong', slot.wrong);
    made.classList.toggle('goes-on', !piece.first);
    return made;
  }

  mark({ code, day, start, end, message }) {
    if (code === 'stops') return;
    const made = el('div', { className: `week-mark mark-${code}`, title: message });
    made.style.setProperty('--from', start / 86400);
    made.style.setProperty('--to', Math.min(1, end / 86400));
    this.columns[day - 1].append(made);
  }

  async check() {
    const asked = (this.asked = (this.asked ?? 0) + 1);
    const slots = this.drawn.map((slot) => slot.document);
    const answer = await fetch(this.grid.dataset.check, { method: 'POST', body: JSON.stringify({ slots }), headers: { 'Content-Type': 'application/json', 'X-CSRFToken': this.form.elements.csrfmiddlewaretoken.value } }).catch(() => null);
    if (asked !== this.asked || !answer?.ok) return;
    this.problems = (await answer.json()).problems;
    const lines = new Map();
    for (const { code, day, message } of this.problems) lines.set(message, { code, days: [...(lines.get(message)?.days ?? []), DAYS[day - 1].slice(0, 3)] });
    this.told.replaceChildren(...[...lines].map(([message, { code, days }]) => el('li', { className: `problem-${code}` }, `${days.join(', ')}: ${message}`)));
    this.grid.dataset.checked = String(asked);
    if (!this.drag) this.draw();
  }

  choose(slot) {
    if (this.drawing || slot === this.chosen) return;
    this.chosen = slot;
    for (const one of this.slots) one.row.classList.toggle('is-chosen', one === slot);
    for (const block of this.body.querySelectorAll('.block')) block.classList.toggle('is-chosen', this.of(block) === slot);
    if (slot) pairs(slot.row);
  }

  // -- what is done -----------------------------------------------------------------------------------------------------
  add(day = this.chosen?.days[0] ?? 1, start = 9 * 60, lasts = 60) {
    let slot = this.slots.find((one) => one.blank && !one.gone);
    if (!slot) {
      slot = this.adopt(newRow(this.rows, this.form.querySelector('#week-empty'), this.grid.dataset.prefix));
      this.slots.push(slot);
    }
    slot.days = [day];
    slot.put(start, lasts);
    const last = Math.max(-1, ...this.drawn.filter((one) => one !== slot).map((one) => Number(one.field('position').value)));
    change(slot.field('position'), last + 1);
    const place = slot.field('location');
    if (!place.value) change(place, document.getElementById('id_home_location')?.value || [...place.options].find((one) => one.value)?.value || '');
    this.choose(slot);
    this.changed();
    this.body.querySelector(`.block[data-slot="${slot.prefix}"]`)?.focus();
    say(`Added: ${DAYS[day - 1]} ${slot.times}, ${slot.where}`);
    return slot;
  }

  remove(slot) {
    change(slot.field('DELETE'), true);
    if (this.chosen === slot) this.choose(null);
    this.changed();
    (this.body.querySelector('.block') ?? this.grid.querySelector('button')).focus();
    say(`${slot.name} deleted. It is gone when the person is saved.`);
  }

  // Tuesday to Friday become like Monday: slots of Monday gain the days, others lose them.
  copyMonday() {
    const days = [2, 3, 4, 5];
    for (const slot of this.drawn) {
      if (slot.days.includes(1)) slot.days = [...new Set([...slot.days, ...days])];
      else {
        const left = slot.days.filter((day) => !days.includes(day));
        if (left.length) slot.days = left;
        else change(slot.field('DELETE'), true);
      }
    }
    this.changed();
    say('Tuesday to Friday are now like Monday.');
  }

  // -- keyboard ---------------------------------------------------------------------------------------------------------
  key(event) {
    const block = event.target.closest('.block');
    if (!block || event.ctrlKey || event.metaKey || event.altKey) return;
    const slot = this.of(block);
    const by = { ArrowUp: -NUDGE, ArrowDown: NUDGE }[event.key];
    const over = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && event.shiftKey) slot.put(slot.start, slot.lasts + by);
    else if (by) slot.put(slot.start + by, slot.lasts);
    else if (over) block.dataset.of = slot.moveDay(Number(block.dataset.of), Number(block.dataset.of) + over);
    else if (event.key === 'Delete' || event.key === 'Backspace') this.remove(slot);
    else if (event.key === 'Enter') slot.field('start').focus();
    else return;
    event.preventDefault();
    if (by || over) {
      this.draw();
      [...this.body.querySelectorAll('.block')].find((one) => one.dataset.slot === slot.prefix && one.dataset.of === block.dataset.of)?.focus();
      say(`${slot.days.map((day) => DAYS[day - 1]).join(', ')} ${slot.times}`);
    }
  }

  // -- pointer ----------------------------------------------------------------------------------------------------------
  minute(event) {
    const box = this.columns[0].getBoundingClientRect();
    return Math.round(((event.clientY - box.top) / box.height) * (DAY / STEP)) * STEP;
  }

  day(event) {
    const index = this.columns.findIndex((column) => event.clientX < column.getBoundingClientRect().right);
    return index < 0 ? 7 : index + 1;
  }

  press(event) {
    if (event.button !== 0) return;
    const block = event.target.closest('.block');
    const column = event.target.closest('.week-day');
    if (!block && (!column || event.pointerType === 'touch')) return; // a finger over an empty day scrolls
    const at = this.minute(event);
    if (!block) {
      this.drag = { mode: 'new', day: Number(column.dataset.day), from: Math.min(at, DAY - STEP) };
      event.preventDefault();
    } else {
      const slot = this.of(block);
      const box = block.getBoundingClientRect();
      const edge = Math.min(8, box.height / 4);
      const mode = event.clientY > box.bottom - edge ? 'end' : event.clientY < box.top + edge && !block.classList.contains('goes-on') ? 'start' : 'all';
      this.drag = { mode, slot, day: Number(block.dataset.of), grab: this.day(event), at, start: slot.start, lasts: slot.lasts };
      this.choose(slot);
    }
    this.drag.x = event.clientX;
    this.drag.y = event.clientY;
    this.body.setPointerCapture(event.pointerId);
  }

  move(event) {
    const { drag } = this;
    if (!drag) return;
    if (!drag.moving && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 5) return;
    drag.moving = true;
    const at = this.minute(event);
    if (drag.mode === 'new') {
      const [from, to] = [Math.min(drag.from, at), Math.max(drag.from, at)].map((one) => Math.min(DAY, Math.max(0, one)));
      drag.slot ??= this.add(drag.day, from, STEP);
      drag.slot.put(from, to - from);
    } else {
      const by = at - drag.at;
      if (drag.mode === 'end') drag.slot.put(drag.start, drag.lasts + by);
      else if (drag.mode === 'start') drag.slot.put(drag.start + Math.min(by, drag.lasts - STEP), drag.lasts - Math.min(by, drag.lasts - STEP));
      else {
        drag.slot.put(drag.start + by, drag.lasts);
        const over = this.day(event) - drag.grab;
        if (over) {
          const to = drag.slot.moveDay(drag.day, drag.day + over);
          if (to !== drag.day) { drag.grab += over; drag.day = to; }
        }
      }
    }
    this.changed();
  }

  release() {
    const { drag } = this;
    this.drag = null;
    if (!drag?.moving) return;
    this.changed();
    this.body.querySelector(`.block[data-slot="${drag.slot.prefix}"]`)?.focus({ preventScroll: true });
    say(`${drag.slot.days.map((day) => DAYS[day - 1]).join(', ')} ${drag.slot.times}`);
  }
}

// The same place has the same colour all week.
function hue(text) {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return String(sum % 8);
}
