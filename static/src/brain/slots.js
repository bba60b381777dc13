// One slot of the week as its form row has it. Minutes of the day; an end at or before the start lies on the next day, as the server counts.
import { change } from './dom.js';

export const DAY = 1440;
export const STEP = 15;
export const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

const minutes = (text) => {
  const found = /^(\d{1,2}):(\d\d)$/.exec(text.trim());
  const value = found ? Number(found[1]) * 60 + Number(found[2]) : NaN;
  return value <= DAY ? value : NaN;
};
export const clock = (value) => `${String(Math.floor(value / 60)).padStart(2, '0')}:${String(value % 60).padStart(2, '0')}`;

export class Slot {
  constructor(row) {
    this.row = row;
    this.prefix = row.dataset.row;
  }

  field(name) { return this.row.querySelector(`[name="${this.prefix}-${name}"]`); }
  get boxes() { return [...this.row.querySelectorAll(`[name="${this.prefix}-days"]`)]; }
  get days() { return this.boxes.filter((box) => box.checked).map((box) => Number(box.value)); }
  set days(days) { for (const box of this.boxes) change(box, days.includes(Number(box.value))); }
  get start() { return minutes(this.field('start').value); }
  get end() { return minutes(this.field('end').value); }
  get gone() { return this.field('DELETE')?.checked ?? false; }
  get blank() { return !this.field('start').value && !this.field('end').value && !this.days.length; }
  get drawn() { return !this.gone && this.days.length > 0 && Number.isFinite(this.start) && Number.isFinite(this.end); }
  get wrong() { return this.row.classList.contains('errors'); }
  get lasts() { return ((this.end - this.start - 1 + DAY) % DAY) + 1; }
  get rule() { return this.field('rule').value; }
  get place() { const { value, selectedOptions } = this.field('location'); return value ? selectedOptions[0].text : ''; }
  get stops() {
    return this.field('stops').value.split('\n').filter((line) => line.includes(':')).map((line) => {
      const at = line.lastIndexOf(':');
      return { location: line.slice(0, at).trim(), minutes: Number(line.slice(at + 1)) };
    });
  }

  get where() {
    if (this.rule === 'hidden') return 'Hidden';
    if (this.rule === 'patrol') return `Patrol: ${this.stops.map((stop) => stop.location).join(' → ') || 'no stops yet'}`;
    return this.place || 'no place yet';
  }

  get name() { return `${this.where} ${clock(this.start)}`; }
  get times() { return `${clock(this.start)}–${clock(this.end)}`; }

  // Starts at `start` and lasts `lasts` minutes.
  put(start, lasts) {
    const begin = ((start % DAY) + DAY) % DAY;
    const length = Math.min(DAY, Math.max(STEP, lasts));
    change(this.field('start'), clock(begin));
    change(this.field('end'), clock((begin + length) % DAY || DAY));
  }

  // One of its days becomes another one.
  moveDay(from, to) {
    const day = ((to - 1 + 7) % 7) + 1;
    if (day === from || this.days.includes(day)) return from;
    this.days = this.days.map((one) => (one === from ? day : one));
    return day;
  }

  // [{day, from, to, first}] as they are drawn: what runs over midnight is two pieces.
  get pieces() {
    return this.days.flatMap((day) => {
      const begin = this.start === DAY ? 0 : this.start;
      const on = this.start === DAY ? (day % 7) + 1 : day;
      const end = begin + this.lasts;
      const first = { day: on, of: day, from: begin, to: Math.min(end, DAY), first: true };
      return end > DAY ? [first, { day: (on % 7) + 1, of: day, from: 0, to: end - DAY, first: false }] : [first];
    });
  }

  get document() {
    return { key: this.name, days: this.days, start: clock(this.start), end: clock(this.end), rule: this.rule, activity: this.field('activity').value,
      location: this.field('location').value || null, stops: this.stops };
  }
}
