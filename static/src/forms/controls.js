// Controls for single values and for sets of names. Each reads and writes through a lens: {get, set, pointer}.
import { button, choice, h, sentence, uid } from './dom.js';

const SLIDER_SPAN = 200; // wider ranges are typed, not slid
const LONG_TEXT = 200;
const TICKS = 12; // so many names are ticked, more are picked
const OTHER = ' another';

export const pickOf = (schema) => schema['x-pick'] ?? schema['x-enum'];
const titleOf = (pairs, value) => pairs.find(([one]) => one === value)?.[1] ?? (typeof value === 'string' ? sentence(value) : String(value));

export function textControl(schema, lens, ctx, id) {
  const set = (text) => lens.set(text === '' && !schema.needed ? undefined : text);
  const props = { id, value: lens.get() ?? '', maxlength: schema.maxLength, placeholder: typeof schema.examples?.[0] === 'string' ? schema.examples[0] : undefined };
  if (schema.pattern === '^#[0-9a-fA-F]{6}$') return colour(props, set, lens);
  if ((schema.maxLength ?? 0) >= LONG_TEXT) return h('textarea', { ...props, rows: schema.maxLength >= 1000 ? 4 : 2, oninput: (e) => set(e.target.value) });
  return h('input', { ...props, type: 'text', autocomplete: 'off', oninput: (e) => set(e.target.value) });
}

function colour(props, set, lens) {
  const text = h('input', { ...props, type: 'text', class: 'sf-short', oninput: () => { set(text.value); if (/^#[0-9a-f]{6}$/i.test(text.value)) swatch.value = text.value; } });
  const swatch = h('input', { type: 'color', 'aria-label': 'Pick the colour', value: lens.get() ?? '#888888', oninput: () => { text.value = swatch.value; set(swatch.value); } });
  return h('div', { class: 'sf-pair' }, swatch, text);
}

export function numberControl(schema, lens, ctx, id) {
  const { minimum: min, maximum: max } = schema;
  const slides = min !== undefined && max !== undefined && max - min <= SLIDER_SPAN;
  const fine = schema.type === 'integer' ? 1 : max !== undefined && max - min <= 1 ? 0.01 : 'any';
  const box = h('input', { id, type: 'number', class: 'sf-number', min, max, step: fine, value: lens.get() ?? '', inputmode: 'decimal',
    oninput: () => { const given = box.value === '' ? undefined : Number(box.value); lens.set(given); if (slides) { slider.value = given ?? schema.default ?? min; slider.toggleAttribute('data-unset', given === undefined); } } });
  if (!slides) return box;
  const slider = h('input', { type: 'range', min, max, step: max - min <= 1 ? 0.05 : 1, value: lens.get() ?? schema.default ?? min, 'data-unset': lens.get() === undefined,
    'aria-label': `${schema.title ?? 'Value'}, slider`, oninput: () => { box.value = slider.value; slider.removeAttribute('data-unset'); lens.set(Number(slider.value)); } });
  const [low, high] = schema['x-ends'] ?? [];
  return h('div', { class: 'sf-slide' }, low && h('span', { class: 'sf-end' }, low), slider, high && h('span', { class: 'sf-end' }, high), box);
}

export function booleanControl(schema, lens, ctx, id) {
  const usual = schema.default === undefined ? '–' : `– (${schema.default ? 'yes' : 'no'})`;
  return choice([...(schema.needed ? [] : [[undefined, usual]]), [true, 'yes'], [false, 'no']], lens.get(), lens.set, { id });
}

export function enumControl(schema, lens, ctx, id) {
  const pairs = schema.enum.filter((value) => value !== null).map((value) => [value, sentence(value)]);
  const now = lens.get();
  if (now !== undefined && !schema.enum.includes(now)) pairs.push([now, String(now)]);
  const usual = schema.default === undefined ? '–' : `– (${sentence(schema.default).toLowerCase()})`;
  return choice([...(schema.needed ? [] : [[undefined, usual]]), ...(schema.enum.includes(null) ? [[null, 'nothing']] : []), ...pairs], now, lens.set, { id });
}

// A name of this world: known ones to pick, any other to type.
export function nameControl(schema, lens, ctx, id) {
  const known = ctx.names[pickOf(schema)] ?? [];
  const now = lens.get();
  const foreign = typeof now === 'string' && now !== '' && !known.some(([value]) => value === now);
  if (!known.length) return textControl(schema, lens, ctx, id);
  const nullable = [schema.type].flat().includes('null');
  const pairs = [...(schema.needed ? [['', '–']] : [[undefined, '–']]), ...(nullable ? [[null, 'nothing']] : []), ...known, ...(foreign ? [[now, now]] : []), [OTHER, 'Another …']];
  const typed = h('input', { type: 'text', 'aria-label': `${schema.title ?? 'Name'}, another`, hidden: true, placeholder: schema.examples?.[0] ?? undefined, oninput: () => lens.set(typed.value || undefined) });
  const select = choice(pairs, now, (value) => {
    typed.hidden = value !== OTHER;
    if (value !== OTHER) lens.set(value);
  }, { id });
  return h('div', { class: 'sf-pair' }, select, typed);
}

// "+5" adds, a bare number sets.
export function changeControl(schema, lens, ctx, id) {
  const now = lens.get();
  const amount = h('input', { id, type: 'number', class: 'sf-number', step: 'any', value: now === undefined ? '' : Number(now), oninput: () => keep() });
  const mode = choice([['by', 'changes by'], ['to', 'is set to']], typeof now === 'number' ? 'to' : 'by', () => keep(), { 'aria-label': `${schema.title ?? 'Change'}, how` });
  const keep = () => {
    const given = Number(amount.value || 0);
    lens.set(mode.selectedIndex === 1 ? given : `${given < 0 ? '-' : '+'}${Math.abs(given)}`);
  };
  return h('div', { class: 'sf-pair' }, mode, amount);
}

// What the schema says nothing about: JSON as text.
export function jsonControl(schema, lens, ctx, id) {
  const note = h('p', { class: 'sf-error', hidden: true });
  const area = h('textarea', { id, class: 'json', 'aria-label': schema.title ?? 'JSON', rows: 3, spellcheck: 'false', value: lens.get() === undefined ? '' : JSON.stringify(lens.get(), null, 2),
    oninput: () => {
      try {
        lens.set(area.value.trim() === '' ? undefined : JSON.parse(area.value));
        note.hidden = true;
      } catch (error) {
        note.textContent = `Not JSON yet: ${error.message}`;
        note.hidden = false;
      }
    } });
  return h('div', {}, area, note);
}

// A list of names: ticks where they are few and closed, chips where they are many or new ones may come. “!” in front is a chip's “not”.
export function setControl(schema, items, lens, ctx, id, redraw) {
  const known = items.enum ? items.enum.map((value) => [value, sentence(value)]) : ctx.names[pickOf(items)] ?? [];
  const now = lens.get() ?? [];
  const negatable = items.pattern?.startsWith('^!?');
  const closed = items.enum || ['days', 'moods'].includes(pickOf(items));
  const all = now.every((value) => known.some(([one]) => one === value));
  const label = schema.title ?? 'List';
  if (closed && known.length && known.length <= 14 && all && !negatable) return ticks(known, lens, id, label);
  if (!negatable && known.length && known.length <= TICKS && all && pickOf(items) !== 'flags' && !schema.examples?.[0]?.some?.((one) => String(one).includes('!'))) {
    return h('div', { class: 'sf-set' }, ticks(known, lens, id, label), another(known, lens, items, redraw, label, true));
  }
  const chips = now.map((value, index) => {
    const bare = String(value).replace(/^!/, '');
    const words = titleOf(known, typeof value === 'string' ? bare : value);
    const negated = typeof value === 'string' && value.startsWith('!');
    const put = (given) => { const list = [...lens.get()]; if (given === undefined) list.splice(index, 1); else list[index] = given; lens.set(list); redraw(); };
    return h('li', { class: negated ? 'sf-chip sf-chip-not' : 'sf-chip' },
      negatable && h('button', { type: 'button', class: 'sf-not', 'aria-pressed': String(negated), 'aria-label': `Not: ${words}`, title: 'Must not be', onclick: () => put(negated ? bare : `!${bare}`) }, 'not'),
      h('span', { title: String(value) }, words),
      h('button', { type: 'button', class: 'sf-x', 'aria-label': `Remove ${words}`, onclick: () => put(undefined) }, '×'));
  });
  return h('div', { class: 'sf-set' }, h('ul', { class: 'sf-chips' }, chips), another(known.filter(([value]) => !now.some((one) => String(one).replace(/^!/, '') === String(value))), lens, items, redraw, label, false, id));
}

function ticks(known, lens, id, label) {
  return h('div', { class: 'sf-ticks', role: 'group', 'aria-label': label }, known.map(([value, title], index) => {
    const own = index ? uid('tick') : id;
    return h('label', { class: 'sf-tick' }, h('input', { type: 'checkbox', id: own, ...((lens.get() ?? []).includes(value) ? { checked: true } : {}), onchange: (e) => {
      const rest = (lens.get() ?? []).filter((one) => one !== value);
      const list = e.target.checked ? [...rest, value] : rest;
      lens.set(list);
    } }), title);
  }));
}

function another(known, lens, items, redraw, label, only, id = uid('add')) {
  const typed = h('input', { id: known.length && !only ? undefined : id, type: 'text', 'aria-label': `${label}: another`, placeholder: items.examples?.[0] ?? '', hidden: known.length > 0 && !only });
  const select = known.length && !only ? choice([['', 'Pick …'], ...known, [OTHER, 'Another …']], '', (value) => { typed.hidden = value !== OTHER; }, { id, 'aria-label': `${label}: pick` }) : null;
  const add = () => {
    const picked = select ? JSON.parse(select.value || '""') : OTHER;
    const text = typed.value.trim();
    const value = picked === OTHER ? (['integer', 'number'].includes(items.type) && text !== '' ? Number(text) : text) : picked;
    if (value === '' || (lens.get() ?? []).includes(value)) return;
    lens.set([...(lens.get() ?? []), value]);
    redraw();
  };
  typed.addEventListener('keydown', (event) => { if (event.key === 'Enter') { event.preventDefault(); add(); } });
  return h('div', { class: 'sf-add' }, select, typed, button('Add', add, { 'aria-label': `Add to ${label}` }));
}
