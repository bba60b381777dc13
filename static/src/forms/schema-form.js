// A form for a JSON value, drawn from its JSON Schema (one document with `$defs`, as the server's form schema is).
//
//   const form = schemaForm(host, { schema, names, value, layout, actions, onChange });
//   form.value; form.set(value); form.showErrors([{ pointer, message }]); form.focus(pointer);
//
// `names` are what this world offers by kind ({places: [["tavern", "The Tavern"], …], flags: …}); a schema asks for them with `x-pick`
// (or `x-enum`), an object for its keys with that of its `propertyNames`. `layout` makes tabs: [{ id, title, intro, members: ["/manifest/providers"] }].
// `actions` puts buttons beside a part: {"/manifest/interactions": [{ label, run(lens, redraw) }]}.
// What no schema knows stays as it is. No rule lives here: what is wrong is told by the server, through `showErrors`.
import * as controls from './controls.js';
import { button, choice, h, sentence, uid } from './dom.js';
import { join, split } from './json-text.js';

const KINDS = { string: 'a text', number: 'a number', integer: 'a number', boolean: 'yes or no', array: 'a list', object: 'details', null: 'nothing' };
const MANY = 12; // an object with more keys shows those in use and offers the others

export function schemaForm(host, { schema, names = {}, value = {}, layout = null, actions = {}, onChange = () => {} }) {
  const state = { value: structuredClone(value), errors: [] };
  const ctx = { root: schema, names, actions, open: new Set(), commit: () => onChange(state.value) };
  const lens = { pointer: '', get: () => state.value, set: (given) => { state.value = given; ctx.commit(); } };
  ctx.lens = lens;
  ctx.drawn = () => { mark(host, state.errors); };

  const draw = () => {
    host.classList.add('sf');
    host.replaceChildren(layout ? tabs(layout, lens, ctx) : body(resolve(schema, schema), lens, ctx, uid(), draw));
    ctx.drawn();
  };
  draw();
  return {
    get value() { return state.value; },
    set(given) { state.value = structuredClone(given); draw(); },
    showErrors(errors) { state.errors = errors; mark(host, errors); },
    focus: (pointer) => focus(host, pointer),
    lensAt: (pointer) => split(pointer).reduce((here, key) => child(here, key, ctx), lens),
  };
}

// -- schemas ----------------------------------------------------------------------------------------------------------

export function resolve(schema, root) {
  if (schema.$ref) {
    const { $ref, ...beside } = schema;
    return { ...resolve(split($ref.slice(1)).reduce((node, key) => node[key], root), root), ...beside };
  }
  if (schema['x-patch-of']) {
    const { 'x-patch-of': target, ...beside } = schema;
    return { ...resolve(target, root), required: [], ...beside };
  }
  if (schema.then && !schema.properties) return { ...resolve(schema.then, root), ...schema, then: undefined };
  return schema;
}

const typesOf = (schema) => [schema.type ?? []].flat();
const kindOf = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const isObject = (schema) => typesOf(schema).includes('object') || Boolean(schema.oneOf);

// What a newly added key starts as.
export function start(schema, root) {
  const found = resolve(schema, root);
  if ('const' in found) return found.const;
  if (found.oneOf) return start(found.oneOf.find((branch) => branch.properties) ?? found.oneOf[0], root);
  const kind = typesOf(found)[0];
  if (kind === 'object') return Object.fromEntries((found.required ?? []).map((key) => [key, start(found.properties?.[key] ?? {}, root)]));
  if (kind === 'array') return isObject(resolve(found.items ?? {}, root)) && found.minItems ? [start(found.items, root)] : [];
  if (found.enum) return found.enum[0];
  if (kind === 'boolean') return true;
  if (kind === 'integer' || kind === 'number') return found.default ?? found.examples?.[0] ?? found.minimum ?? 0;
  if (controls.pickOf(found) === 'times') return '08:00';
  return '';
}

// -- lenses -----------------------------------------------------------------------------------------------------------

export function child(lens, key, ctx) {
  return {
    pointer: join(lens.pointer, key),
    get: () => lens.get()?.[key],
    set(given) {
      let owner = lens.get();
      if (owner === null || typeof owner !== 'object') { owner = {}; lens.set(owner); }
      if (given !== undefined) owner[key] = given;
      else if (Array.isArray(owner)) owner.splice(Number(key), 1);
      else delete owner[key];
      ctx.commit();
    },
  };
}

// -- fields -----------------------------------------------------------------------------------------------------------

// A member with its label, its control, its help and the place for its errors.
export function field(schema, lens, ctx, { label, remove } = {}) {
  const found = { ...resolve(schema, ctx.root) };
  if (label) found.title = label;
  const node = h('div', { class: 'sf-field', 'data-pointer': lens.pointer });
  const redraw = () => { fill(); ctx.drawn(); };
  const fill = () => {
    const id = uid();
    const block = isBlock(found, lens, ctx);
    const title = found.title ?? sentence(split(lens.pointer).at(-1) ?? '');
    const tools = remove && h('button', { type: 'button', class: 'sf-x sf-remove', 'aria-label': `Remove ${title}`, title: 'Remove', onclick: remove }, '×');
    const hint = found.description && h('p', { class: 'sf-hint', id: `${id}-hint` }, found.description);
    const control = body(found, lens, ctx, id, redraw);
    node.className = `sf-field ${block ? 'sf-block' : 'sf-line'}`;
    if (block) {
      node.replaceChildren(h('fieldset', {}, h('legend', {}, title), hint, h('div', { class: 'sf-errors' }), control), tools || '');
    } else {
      node.replaceChildren(h('div', { class: 'sf-label' }, h('label', { for: id }, title), tools), control, hint || '', h('div', { class: 'sf-errors' }));
      if (hint) node.querySelector(`#${id}`)?.setAttribute('aria-describedby', hint.id);
    }
  };
  fill();
  return node;
}

function isBlock(schema, lens) {
  const value = lens.get();
  const kind = value === undefined ? typesOf(schema)[0] : kindOf(value);
  return Boolean(schema.oneOf) || kind === 'object' || kind === 'array';
}

function body(schema, lens, ctx, id = uid(), redraw = () => {}) {
  if ('const' in schema) return h('output', { id }, sentence(schema.const));
  if (schema.oneOf) return alternatives(schema, lens, ctx, id, redraw);
  const types = typesOf(schema);
  const pick = controls.pickOf(schema);
  const now = lens.get();
  const plain = now === undefined || now === null || typeof now === 'string';
  if (types.includes('number') && types.includes('string') && types.length === 2) return controls.changeControl(schema, lens, ctx, id);
  if (types.length > 1 && !(types.every((kind) => ['string', 'null'].includes(kind)) && plain)) return either(schema, types, lens, ctx, id, redraw);
  if (now !== undefined && now !== null && types.length && !fits(types, now)) return mismatch(schema, types, lens, ctx, id, redraw);
  if (schema.enum) return controls.enumControl(schema, lens, ctx, id);
  switch (types[0]) {
    case 'boolean': return controls.booleanControl(schema, lens, ctx, id);
    case 'integer': case 'number': return controls.numberControl(schema, lens, ctx, id);
    case 'array': return list(schema, lens, ctx, id, redraw);
    case 'object': return object(schema, lens, ctx, redraw);
    case 'string': return pick ? controls.nameControl(schema, lens, ctx, id) : controls.textControl(schema, lens, ctx, id);
    default: return controls.jsonControl(schema, lens, ctx, id);
  }
}

const fits = (types, value) => types.includes(kindOf(value)) || (kindOf(value) === 'number' && types.includes('integer'));

// A value of a wrong kind is shown as it is; nothing is converted behind anybody's back.
function mismatch(schema, types, lens, ctx, id, redraw) {
  return h('div', {}, controls.jsonControl(schema, lens, ctx, id), button(`Start again as ${KINDS[types[0]]}`, () => { lens.set(start(schema, ctx.root)); redraw(); }));
}

// Several kinds of value: first which, then the control of that kind.
function either(schema, types, lens, ctx, id, redraw) {
  const now = lens.get();
  const kind = now === undefined ? undefined : types.find((one) => one === kindOf(now) || (one === 'integer' && kindOf(now) === 'number'));
  const words = (one) => (one === 'boolean' && types.includes('object') ? 'simply on or off' : one === 'null' ? 'nothing' : KINDS[one]);
  const pairs = [[undefined, '–'], ...types.map((one) => [one, words(one)])];
  const select = choice(kind === undefined ? pairs : pairs.slice(1), kind, (wanted) => { lens.set(wanted === undefined ? undefined : fresh(schema, wanted, now, ctx)); redraw(); }, { id, class: 'sf-kind', 'aria-label': `${schema.title ?? 'Value'}: kind` });
  const inner = kind && kind !== 'null' ? body({ ...schema, type: kind, needed: true }, lens, ctx, uid(), redraw) : '';
  const control = inner ? (inner.matches('input,select,textarea') ? inner : inner.querySelector(':scope > input[type=number], :scope > select')) : null;
  control?.setAttribute('aria-label', schema.title ?? 'Value');
  return h('div', { class: 'sf-either' }, select, inner);
}

function fresh(schema, kind, was, ctx) {
  if (kind === 'object' && Array.isArray(was)) return Object.fromEntries(was.map((key) => [String(key), true]));
  if (kind === 'array' && was && typeof was === 'object') return Object.keys(was).filter((key) => was[key] !== false);
  if (kind === 'null') return null;
  return start({ ...schema, type: kind, 'x-patch-of': undefined }, ctx.root);
}

// One of several shapes, told apart by a constant.
function alternatives(schema, lens, ctx, id, redraw) {
  const branches = schema.oneOf.map((branch) => resolve(branch, ctx.root));
  const constant = (branch) => Object.entries(branch.properties ?? {}).find(([, inner]) => 'const' in inner);
  const now = lens.get() ?? {};
  const at = branches.findIndex((branch) => { const pair = constant(branch); return pair && now[pair[0]] === pair[1].const; });
  const pairs = branches.map((branch, index) => [index, constant(branch) ? branch.title ?? constant(branch)[1].const : 'Nothing yet']);
  if (!branches.some((branch) => !constant(branch)) && at < 0) pairs.unshift([-1, '–']);
  const select = choice(pairs, at < 0 ? pairs[0][0] : at, (index) => {
    const branch = branches[index];
    const pair = branch && constant(branch);
    const kept = pair ? Object.fromEntries(Object.entries(now).filter(([key]) => key in branch.properties && key !== pair[0])) : {};
    lens.set(pair ? { [pair[0]]: pair[1].const, ...kept } : {});
    redraw();
  }, { id, 'aria-label': schema.title ?? 'Kind' });
  const shown = branches[at];
  if (!shown) return h('div', { class: 'sf-either' }, select);
  const { [constant(shown)[0]]: hidden, ...properties } = shown.properties;
  return h('div', { class: 'sf-either' }, select, object({ ...shown, properties, told: [constant(shown)[0]] }, lens, ctx, redraw));
}

// -- objects ----------------------------------------------------------------------------------------------------------

function object(schema, lens, ctx, redraw) {
  const properties = schema.properties ?? {};
  const free = schema.additionalProperties;
  if (!schema.properties && !(free && typeof free === 'object')) return controls.jsonControl(schema, lens, ctx, uid());
  const node = h('div', { class: 'sf-object' });
  const needed = new Set(schema.required ?? []);
  const value = lens.get() ?? {};
  const declared = Object.keys(properties);
  const hidden = (key) => key === 'extensions' || /_id$/.test(key);
  const always = (key) => declared.length <= MANY && !hidden(key) && !isHeavy(resolve(properties[key], ctx.root));
  const shown = declared.filter((key) => needed.has(key) || key in value || always(key));
  const members = shown.map((key) => {
    const inner = { ...properties[key], ...(needed.has(key) ? { needed: true } : {}) };
    const remove = needed.has(key) || !(key in value) || always(key) ? null : () => { child(lens, key, ctx).set(undefined); redraw(); };
    return field(inner, child(lens, key, ctx), ctx, { remove });
  });
  const light = members.filter((one) => one.classList.contains('sf-line'));
  const heavy = members.filter((one) => !one.classList.contains('sf-line'));
  if (light.length) node.append(h('div', { class: 'sf-grid' }, light));
  node.append(...heavy);
  const absent = declared.filter((key) => !shown.includes(key) && !/_id$/.test(key));
  if (absent.length) node.append(adder(schema, properties, absent, lens, ctx, redraw));
  if (free && typeof free === 'object') node.append(map(schema, free, declared, lens, ctx, redraw));
  else for (const key of Object.keys(value)) if (!(key in properties) && !schema.told?.includes(key)) node.append(unknown(schema, key, lens, ctx, redraw));
  return node;
}

function isHeavy(schema) {
  return Boolean(schema.oneOf) || typesOf(schema).some((kind) => kind === 'object' || kind === 'array');
}

// A key the schema does not declare: one of an open pattern (a bound on an own axis), or one that is simply kept.
function unknown(schema, key, lens, ctx, redraw) {
  const pattern = Object.keys(schema.patternProperties ?? {}).find((one) => new RegExp(one).test(key));
  return field(pattern ? { ...schema.patternProperties[pattern], title: sentence(key) } : { title: key, description: 'Not known to the form; kept as it is.' }, child(lens, key, ctx), ctx,
    { remove: () => { child(lens, key, ctx).set(undefined); redraw(); } });
}

function adder(schema, properties, absent, lens, ctx, redraw) {
  const pairs = absent.map((key) => [key, resolve(properties[key], ctx.root).title ?? sentence(key)]);
  const id = uid('add');
  const select = choice(pairs, pairs[0][0], () => {}, { id });
  const add = () => {
    const key = pairs[select.selectedIndex][0];
    child(lens, key, ctx).set(start(properties[key], ctx.root));
    ctx.open.add(join(lens.pointer, key));
    ctx.open.add(join(join(lens.pointer, key), 0)); // a list that may not be empty starts with one
    redraw();
    focus(document, join(lens.pointer, key));
  };
  return h('div', { class: 'sf-adder' }, h('label', { for: id }, `Add to ${(schema.title ?? 'this').toLowerCase()}`), select, button('Add', add, { 'aria-label': `Add to ${schema.title ?? 'this'}` }));
}

// -- keys of an author's own ------------------------------------------------------------------------------------------

function map(schema, free, declared, lens, ctx, redraw) {
  const value = lens.get() ?? {};
  const inner = resolve(free, ctx.root);
  const keys = Object.keys(value).filter((key) => !declared.includes(key));
  const known = ctx.names[controls.pickOf(resolve(schema.propertyNames ?? {}, ctx.root))] ?? [];
  const nameOf = (key) => known.find(([one]) => one === key)?.[1] ?? sentence(key);
  const entries = keys.map((key) => {
    const remove = () => { child(lens, key, ctx).set(undefined); redraw(); };
    return isHeavy(inner) ? card(key, nameOf(key), free, lens, ctx, redraw, remove) : field({ ...free, title: nameOf(key), description: undefined }, child(lens, key, ctx), ctx, { remove });
  });
  return h('div', { class: 'sf-map' }, h('div', { class: isHeavy(inner) ? 'sf-cards' : 'sf-grid' }, entries), newKey(schema, inner, free, known, lens, ctx, redraw));
}

function card(key, name, schema, lens, ctx, redraw, remove) {
  const at = child(lens, key, ctx);
  const said = at.get()?.label ?? at.get()?.title;
  const rename = (event) => {
    const wanted = event.target.value.trim();
    const whole = lens.get();
    if (!wanted || wanted === key) return;
    if (wanted in whole) { event.target.setCustomValidity('This name is taken.'); event.target.reportValidity(); return; }
    ctx.open.add(join(lens.pointer, wanted));
    lens.set(Object.fromEntries(Object.entries(whole).map(([one, inner]) => [one === key ? wanted : one, inner])));
    redraw();
  };
  const id = uid('key');
  const content = () => [
    h('div', { class: 'sf-card-head' }, h('label', { for: id }, 'Key'), h('input', { id, type: 'text', class: 'sf-key', value: key, onchange: rename, oninput: (e) => e.target.setCustomValidity('') }),
      button('Duplicate', () => { const copy = free(lens.get(), key); child(lens, copy, ctx).set(structuredClone(at.get())); ctx.open.add(join(lens.pointer, copy)); redraw(); }),
      button('Remove', remove, { class: 'sf-button sf-danger', 'aria-label': `Remove ${said ?? name}` })),
    bare(schema, at, ctx),
  ];
  return folded(at.pointer, ctx, [h('span', { class: 'sf-card-title' }, said ?? name), h('code', {}, key)], content);
}

function free(whole, key) {
  let number = 2;
  while (`${key}_${number}` in whole) number += 1;
  return `${key}_${number}`;
}

// The control of a part whose label stands around it already.
function bare(schema, lens, ctx) {
  const found = resolve(schema, ctx.root);
  const node = h('div', { class: 'sf-bare', 'data-pointer': lens.pointer });
  const redraw = () => { fill(); ctx.drawn(); };
  const fill = () => {
    const control = body(found, lens, ctx, uid(), redraw);
    if (control.matches('input,select,textarea')) control.setAttribute('aria-label', found.title ?? 'Value');
    node.replaceChildren(h('div', { class: 'sf-errors' }), control);
  };
  fill();
  return node;
}

// Drawn when first opened: a world of forty interactions costs forty lines.
function folded(pointer, ctx, summary, content) {
  const node = h('details', { class: 'sf-card', 'data-card': pointer, open: ctx.open.has(pointer) }, h('summary', {}, summary, h('span', { class: 'sf-flag' })));
  const fill = () => { if (node.children.length === 1) { node.append(h('div', { class: 'sf-card-body' }, content())); } };
  if (node.open) fill();
  node.addEventListener('toggle', () => {
    ctx.open[node.open ? 'add' : 'delete'](pointer);
    if (node.open && node.children.length === 1) { fill(); ctx.drawn(); }
  });
  node.unfold = () => { if (node.open) return; node.open = true; ctx.open.add(pointer); fill(); ctx.drawn(); };
  return node;
}

function newKey(schema, inner, raw, known, lens, ctx, redraw) {
  const taken = new Set(Object.keys(lens.get() ?? {}));
  const left = known.filter(([key]) => !taken.has(key));
  const what = (inner.title ?? 'entry').toLowerCase();
  const id = uid('new');
  const typed = h('input', { id: left.length ? undefined : id, type: 'text', autocomplete: 'off', placeholder: inner.examples ? '' : 'name', 'aria-label': `Name of the new ${what}`, hidden: left.length > 0 });
  const select = left.length ? choice([...left, [null, 'Another …']], left[0][0], (value) => { typed.hidden = value !== null; }, { id }) : null;
  const add = () => {
    const picked = select ? [...left, [null]][select.selectedIndex][0] : null;
    const key = picked ?? typed.value.trim().toLowerCase().replace(/[^a-z0-9_:]+/g, '_').replace(/^_+|_+$/g, '');
    if (!key || taken.has(key)) { typed.focus(); return; }
    child(lens, key, ctx).set(start(raw, ctx.root));
    ctx.open.add(join(lens.pointer, key));
    redraw();
    focus(document, join(lens.pointer, key));
  };
  typed.addEventListener('keydown', (event) => { if (event.key === 'Enter') { event.preventDefault(); add(); } });
  const more = (ctx.actions[lens.pointer] ?? []).map(({ label, run }) => button(label, () => run(lens, (key) => { if (key) ctx.open.add(join(lens.pointer, key)); redraw(); if (key) focus(document, join(lens.pointer, key)); }), { class: 'sf-button sf-primary' }));
  return h('div', { class: 'sf-adder' }, h('label', { for: id }, `New ${what}`), select, typed, button('Add', add, { 'aria-label': `Add ${what}` }), more);
}

// -- lists ------------------------------------------------------------------------------------------------------------

function list(schema, lens, ctx, id, redraw) {
  const items = resolve(schema.items ?? { type: 'string' }, ctx.root);
  if (!isHeavy(items) && !Array.isArray(items.type)) return controls.setControl(schema, items, lens, ctx, id, redraw);
  const rows = lens.get() ?? [];
  const what = items.title ?? 'Entry';
  const put = (made) => { lens.set(made); redraw(); };
  const cards = rows.map((row, index) => {
    const at = child(lens, index, ctx);
    const move = (by) => { const made = [...lens.get()]; made.splice(index + by, 0, ...made.splice(index, 1)); put(made); };
    const said = row?.label ?? row?.title ?? row?.text;
    return folded(at.pointer, ctx, [h('span', { class: 'sf-card-title' }, typeof said === 'string' && said ? said.slice(0, 60) : `${what} ${index + 1}`)], () => [
      h('div', { class: 'sf-card-head' },
        button('↑', () => move(-1), { 'aria-label': `Move ${what} ${index + 1} up`, disabled: index === 0 }), button('↓', () => move(1), { 'aria-label': `Move ${what} ${index + 1} down`, disabled: index === rows.length - 1 }),
        button('Remove', () => put(lens.get().filter((_, one) => one !== index)), { class: 'sf-button sf-danger', 'aria-label': `Remove ${what} ${index + 1}` })),
      bare(schema.items, at, ctx),
    ]);
  });
  const add = button(`Add ${what.toLowerCase()}`, () => {
    const pointer = join(lens.pointer, rows.length);
    ctx.open.add(pointer);
    put([...(lens.get() ?? []), start(schema.items, ctx.root)]);
    focus(document, pointer);
  }, { id });
  return h('div', { class: 'sf-list' }, h('div', { class: 'sf-cards' }, cards), add);
}

// -- tabs -------------------------------------------------------------------------------------------------------------

function tabs(layout, lens, ctx) {
  ctx.tab ??= layout.find(({ id }) => location.hash === `#${id}`)?.id ?? layout[0].id;
  const panels = layout.map(({ id, intro, members }) => h('div', { class: 'sf-panel', role: 'tabpanel', id: `panel-${id}`, 'aria-labelledby': `tab-${id}`, hidden: id !== ctx.tab },
    intro && h('p', { class: 'sf-intro' }, intro), sections(members, lens, ctx)));
  const buttons = layout.map(({ id, title }) => h('button', { type: 'button', role: 'tab', class: 'sf-tab', id: `tab-${id}`, 'aria-controls': `panel-${id}`, 'aria-selected': String(id === ctx.tab), tabindex: id === ctx.tab ? '0' : '-1' }, title, h('span', { class: 'sf-flag' })));
  const open = (index, move = false) => {
    ctx.tab = layout[index].id;
    buttons.forEach((one, at) => { one.setAttribute('aria-selected', String(at === index)); one.tabIndex = at === index ? 0 : -1; panels[at].hidden = at !== index; });
    if (move) { buttons[index].focus(); history.replaceState(null, '', `#${ctx.tab}`); }
  };
  buttons.forEach((one, index) => {
    one.addEventListener('click', () => open(index, true));
    one.addEventListener('keydown', ({ key }) => {
      const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: buttons.length - 1 }[key];
      if (to !== undefined) open((to + buttons.length) % buttons.length, true);
    });
  });
  panels.forEach((panel, index) => { panel.reveal = () => open(index); });
  return h('div', { class: 'sf-tabs' }, h('div', { role: 'tablist', 'aria-label': 'Parts', class: 'sf-tablist' }, buttons), panels);
}

function sections(members, lens, ctx) {
  const drawn = members.map((pointer) => {
    const parts = split(pointer);
    const schema = parts.reduce((node, key) => resolve(node, ctx.root).properties[key], ctx.root);
    const at = parts.reduce((here, key) => child(here, key, ctx), lens);
    return field(schema, at, ctx);
  });
  const light = drawn.filter((one) => one.classList.contains('sf-line'));
  return [light.length ? h('div', { class: 'sf-grid' }, light) : null, ...drawn.filter((one) => !one.classList.contains('sf-line'))];
}

// -- errors and focus -------------------------------------------------------------------------------------------------

function nearest(host, pointer) {
  for (let here = pointer; ; here = here.slice(0, here.lastIndexOf('/'))) {
    const found = [...host.querySelectorAll('[data-pointer],[data-card]')].findLast((one) => one.dataset.pointer === here || one.dataset.card === here);
    if (found) return found;
    if (!here) return null;
  }
}

function mark(host, errors) {
  for (const old of host.querySelectorAll('.sf-errors')) old.replaceChildren();
  for (const old of host.querySelectorAll('[aria-invalid]')) old.removeAttribute('aria-invalid');
  for (const old of host.querySelectorAll('.has-error')) old.classList.remove('has-error');
  for (const flag of host.querySelectorAll('.sf-flag')) flag.textContent = '';
  for (const { pointer, message, severity } of errors) {
    const place = nearest(host, pointer);
    for (let around = place; around && around !== host; around = around.parentElement) {
      const flag = around.matches('details') ? around.querySelector(':scope > summary .sf-flag') : around.matches('[role=tabpanel]') ? document.getElementById(around.getAttribute('aria-labelledby'))?.querySelector('.sf-flag') : null;
      if (flag) flag.textContent = severity === 'warning' ? flag.textContent || '·' : '!';
    }
    const slot = place?.querySelector('.sf-errors');
    if (!slot) continue;
    slot.append(h('p', { class: severity === 'warning' ? 'sf-warning' : 'sf-error' }, message));
    if (severity === 'warning') continue;
    place.classList.add('has-error');
    if (place.dataset.pointer === pointer) place.querySelector('input,select,textarea')?.setAttribute('aria-invalid', 'true');
  }
}

// Opens what is folded around a pointer and puts the cursor there.
export function focus(host, pointer) {
  const parts = split(pointer);
  for (let count = 1; count <= parts.length; count += 1) {
    const here = parts.slice(0, count).reduce(join, '');
    for (const card of host.querySelectorAll('details[data-card]')) if (card.dataset.card === here) card.unfold();
  }
  const place = nearest(host, pointer);
  place?.closest('[role=tabpanel]')?.reveal?.();
  const target = place?.querySelector('.sf-card-body input, .sf-card-body select, input:not([type=range]):not(.sf-key), select, textarea, button') ?? place;
  target?.focus?.();
  target?.scrollIntoView?.({ block: 'center' });
}
