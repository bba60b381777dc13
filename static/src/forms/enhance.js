// Every textarea that names a form schema (`data-form`) becomes a form with its JSON beside it. The textarea stays what is sent; without
// this script it is what one writes in. The server says what is wrong (POST to the same address), at its field and at its line.
import { button, h, uid } from './dom.js';
import { lineOf, lines, parse, patched, pretty } from './json-text.js';
import { schemaForm } from './schema-form.js';
import { wizard } from './wizard.js';

const asked = new Map();
const BLANK = ['', '{}', '[]', 'null'];
const CALM = 350; // milliseconds without a key before the server is asked

const description = (address) => {
  if (!asked.has(address)) asked.set(address, fetch(address, { headers: { Accept: 'application/json' } }).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText)))));
  return asked.get(address);
};

async function check(address, text, signal) {
  const answer = await fetch(address, { method: 'POST', body: text, signal, headers: { 'Content-Type': 'application/json', 'X-CSRFToken': document.querySelector('[name=csrfmiddlewaretoken]').value } });
  return answer.ok ? (await answer.json()).problems : [];
}

export async function enhance(area) {
  if (area.dataset.built || area.name.includes('__prefix__')) return;
  area.dataset.built = '1';
  let told;
  try {
    told = await description(area.dataset.form);
  } catch {
    return; // the textarea works
  }
  new Builder(area, told);
}

class Builder {
  constructor(area, { schema, names, layout }) {
    this.area = area;
    this.address = area.dataset.form;
    this.full = Boolean(layout);
    this.problems = [];
    this.names = names;
    this.schema = schema;
    this.host = h('div', { class: 'builder-form' });
    this.list = h('ol', { class: 'json-lines' });
    this.told = h('ul', { class: 'builder-problems', 'aria-live': 'polite', 'aria-label': 'What is wrong here' });
    this.toggle = button('Edit as JSON', () => this.raw(!this.editing), { 'aria-pressed': 'false' });
    this.note = h('p', { class: 'sf-error', hidden: true });
    const preview = h('div', { class: 'builder-preview', role: 'region', 'aria-label': 'JSON', tabindex: '0' }, this.list);
    this.preview = this.full ? preview : h('details', { class: 'builder-more' }, h('summary', {}, 'JSON'), preview);
    this.side = h('div', { class: 'builder-side' }, this.full ? h('div', { class: 'builder-head' }, h('h2', {}, 'JSON'), this.toggle) : this.toggle, this.told, this.note, this.preview);
    this.root = h('div', { class: this.full ? 'builder builder-full' : 'builder' }, this.host, this.side);
    // The textarea stands in the columns too, so that it takes the form's place while it is open.
    const label = document.querySelector(`label[for="${area.id}"]`);
    if (label && this.full) label.classList.add('builder-label');
    area.before(this.root);
    this.side.insertBefore(area, this.note);
    area.id ||= uid('json');
    if (!label) area.setAttribute('aria-label', 'JSON');
    area.addEventListener('input', () => this.typed());
    area.form?.addEventListener('submit', () => { this.sent = true; });
    const read = parse(area.value || '{}');
    const actions = this.full ? { '/manifest/interactions': [{ label: 'Interaction wizard …', run: (lens, done) => wizard({ schema, names, lens, done }) }] } : {};
    // The address may name a place in this form: #id_meta/manifest/flags.
    const [field, ...inside] = decodeURIComponent(location.hash.slice(1)).split('/');
    const sought = field === area.id && inside.length ? `/${inside.join('/')}` : null;
    this.form = schemaForm(this.host, { schema, names, layout, actions, value: read.value ?? {}, onChange: (value) => this.changed(value) });
    this.raw(read.value === undefined);
    this.first = area.value;
    this.show();
    if (BLANK.includes(this.first)) this.root.dataset.checked = '0'; // nobody is told what a form lacks that was not begun
    else this.ask();
    if (sought) this.form.focus(sought);
    addEventListener('beforeunload', (event) => { if (!this.sent && this.area.value !== this.first) event.preventDefault(); });
  }

  // The form was changed: its JSON is what will be sent.
  changed(value) {
    this.area.value = pretty(value);
    this.area.dispatchEvent(new CustomEvent('form:change', { bubbles: true, detail: value }));
    this.show();
    this.ask();
  }

  typed() {
    const { value, message, line } = parse(this.area.value);
    this.note.hidden = value !== undefined;
    this.note.textContent = message ? `Line ${line + 1}. ${message}` : '';
    this.toggle.disabled = value === undefined;
    if (value === undefined) return;
    this.area.dispatchEvent(new CustomEvent('form:change', { bubbles: true, detail: value }));
    this.show();
    this.ask();
  }

  // Between the form and its JSON; both show the same value.
  raw(on) {
    this.editing = on;
    this.root.classList.toggle('builder-raw', on);
    this.area.hidden = !on;
    this.preview.hidden = on;
    this.host.hidden = on;
    this.toggle.textContent = on ? 'Back to the form' : 'Edit as JSON';
    this.toggle.setAttribute('aria-pressed', String(on));
    if (on) { this.typed(); return; }
    const { value } = parse(this.area.value || '{}');
    if (value === undefined) return;
    this.area.value = pretty(value);
    this.form.set(value ?? {});
    this.form.showErrors(this.problems);
    this.tell();
  }

  ask() {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      this.asking?.abort();
      this.asking = new AbortController();
      try {
        this.problems = await check(this.address, this.area.value || '{}', this.asking.signal);
      } catch {
        return; // aborted, or offline: saving will tell
      }
      this.form.showErrors(this.problems);
      this.show();
      this.tell();
      this.root.dataset.checked = String(Number(this.root.dataset.checked ?? 0) + 1);
    }, CALM);
  }

  show() {
    const text = this.area.value || '{}';
    const { value } = parse(text);
    if (value === undefined) return;
    const shown = pretty(value);
    const found = lines(shown);
    const at = new Map();
    for (const problem of this.problems) {
      const line = lineOf(found, problem.pointer);
      at.set(line, [...(at.get(line) ?? []), problem]);
    }
    this.list.replaceChildren(...shown.split('\n').map((line, index) => h('li', { class: at.has(index) ? (at.get(index).some((one) => one.severity === 'error') ? 'json-error' : 'json-warning') : undefined },
      h('code', {}, line || ' '), at.has(index) && h('span', { class: 'json-told' }, at.get(index).map((one) => one.message).join(' ')))));
  }

  tell() {
    const found = lines(this.area.value || '{}');
    this.told.replaceChildren(...this.problems.map((problem) => h('li', { class: problem.severity },
      button(`Line ${lineOf(found, problem.pointer) + 1}`, () => this.go(problem.pointer), { class: 'sf-link', title: problem.pointer || '/' }), ' ', problem.message, ' ',
      problem.fix && button(problem.fix.title, () => this.mend(problem.fix), { class: 'sf-button sf-fix' }))));
    this.told.hidden = !this.problems.length;
  }

  go(pointer) {
    if (!this.editing) { this.form.focus(pointer); return; }
    const line = lineOf(lines(this.area.value), pointer);
    const begin = this.area.value.split('\n').slice(0, line).join('\n').length + (line ? 1 : 0);
    this.area.focus();
    this.area.setSelectionRange(begin, begin + this.area.value.split('\n')[line].length);
  }

  mend(fix) {
    const { value } = parse(this.area.value || '{}');
    if (value === undefined) return;
    const mended = patched(value, fix.patch);
    this.form.set(mended);
    this.changed(mended);
    if (this.editing) this.typed();
  }
}

const all = (root = document) => { for (const area of root.querySelectorAll('textarea[data-form]')) enhance(area); };
all();
document.addEventListener('formset:added', (event) => all(event.target));
