// A form for any value of a schema: what is there, each with its control and a way to take it away; and a list of what could be added.
import { createContext, html, useContext, useEffect, useRef, useState } from '../../vendor/graph.js';
import { CONTROLS } from './controls.js';
import { Icon } from './icons.js';
import { beginning, controlOf, isAlias, optionsOf, resolved, titleOf } from './schema.js';

const Context = createContext(null);
export const useForm = () => useContext(Context);
const idOf = (name, pointer) => `ge-${name}${pointer.replaceAll(/[^a-z0-9]+/gi, '-')}`;

// `pointer` is where the value stands in its node or edge; `name` tells forms on one page apart.
export function Form({ name, schema, value, onChange, pointer, picks, suggestions, problems, hidden = [], first = [], title }) {
  return html`<${Context.Provider} value=${{ name, root: schema, picks, suggestions, problems }}>
    <${ObjectFields} schema=${schema} value=${value ?? {}} onChange=${onChange} pointer=${pointer} hidden=${hidden} first=${first} title=${title} />
  </${Context.Provider}>`;
}

const PLAIN = ['negatable', 'change']; // the control says what the description says of the stored form

export function Field({ label, schema: raw, value, onChange, pointer, onRemove, focus = false, required = false, whole = false }) {
  const { name, root, picks, problems } = useForm();
  const schema = resolved(raw, root);
  const control = controlOf(schema, root, picks);
  const id = idOf(name, pointer);
  const row = useRef(null);
  useEffect(() => { if (focus) row.current?.querySelector('input, select, textarea, button:not(.gf-remove)')?.focus(); }, []);
  const wrong = problems.filter((problem) => problem.pointer === pointer);
  const words = label ?? titleOf(schema, pointer.split('/').at(-1));
  const remove = onRemove && html`<button type="button" className="gf-remove" aria-label=${`Remove ${words}`} title=${`Remove ${words}`} onClick=${onRemove}><${Icon} name="close" /></button>`;
  const help = !PLAIN.includes(control) && schema.description;
  const told = html`${help && html`<small id=${`${id}-help`}>${help}</small>`}
    ${wrong.map((problem) => html`<p className="gf-wrong" key=${problem.code + problem.message} id=${`${id}-wrong`}>${problem.message}</p>`)}`;
  const shared = { id, schema, value, onChange, pointer, words, required, invalid: wrong.length > 0, describedBy: [help && `${id}-help`, wrong.length && `${id}-wrong`].filter(Boolean).join(' ') || undefined };
  if (GROUPS[control]) {
    const Group = GROUPS[control];
    return html`<fieldset className="gf-group" ref=${row}><legend>${words}${remove}</legend>${told}<${Group} ...${shared} whole=${whole} /></fieldset>`;
  }
  const Control = CONTROLS[control];
  if (control === 'checks' || control === 'negatable' || control === 'where' || control === 'change') {
    return html`<fieldset className="gf-row gf-set" ref=${row}><legend>${words}${remove}</legend><${Control} ...${shared} />${told}</fieldset>`;
  }
  return html`<div className=${`gf-row gf-${control}`} ref=${row}><label htmlFor=${id}>${words}</label>${remove}<${Control} ...${shared} />${told}</div>`;
}

// -- objects ----------------------------------------------------------------------------------------------------------
// `whole` shows every field, also the empty ones; else only what is there can be seen, and the rest be added.
function ObjectFields({ schema: raw, value, onChange, pointer, hidden = [], first = [], title, whole = false }) {
  const { root, picks } = useForm();
  const [added, setAdded] = useState(null);
  const schema = resolved(raw, root);
  const declared = schema.properties ?? {};
  const required = schema.required ?? [];
  const set = (key, next) => onChange({ ...value, [key]: next });
  const drop = (key) => { const { [key]: _, ...rest } = value; onChange(rest); };
  hidden = [...hidden, ...Object.keys(declared).filter((key) => declared[key]['x-hidden'])];
  const order = [...first, ...Object.keys(declared)].filter((key, index, all) => all.indexOf(key) === index && key in declared);
  const shown = order.filter((key) => !hidden.includes(key) && (key in value || required.includes(key) || first.includes(key) || (whole && !isAlias(key, declared))));
  const open = order.filter((key) => !shown.includes(key) && !hidden.includes(key) && !isAlias(key, declared));
  const free = Object.keys(value).filter((key) => !(key in declared) && !hidden.includes(key));
  const schemaOf = (key) => declared[key] ?? matching(schema, key);
  return html`<div className="gf-object">
    ${[...shown, ...free].map((key) => html`<${Field} key=${key} label=${key in declared ? undefined : keyTitle(schema, key, root, picks)} schema=${schemaOf(key)} value=${value[key]} onChange=${(next) => set(key, next)}
      pointer=${`${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`} required=${required.includes(key)} focus=${added === key} whole=${first.includes(key)} onRemove=${key in value && !required.includes(key) && !whole && !first.includes(key) ? () => drop(key) : undefined} />`)}
    ${open.length > 0 && html`<${Adder} what=${title ?? titleOf(schema, '')} options=${open.map((key) => ({ value: key, title: titleOf(resolved(declared[key], root), key) }))}
      onAdd=${(key) => { setAdded(key); set(key, beginning(resolved(declared[key], root), root, picks)); }} />`}
    ${schema.additionalProperties && html`<${KeyAdder} schema=${schema} taken=${Object.keys(value)} what=${title ?? titleOf(schema, '')}
      onAdd=${(key) => { setAdded(key); set(key, beginning(resolved(schema.additionalProperties, root), root, picks)); }} />`}
  </div>`;
}

function matching(schema, key) {
  const pattern = Object.keys(schema.patternProperties ?? {}).find((one) => new RegExp(one, 'u').test(key));
  return pattern ? schema.patternProperties[pattern] : typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
}

function keyTitle(schema, key, root, picks) {
  const options = optionsOf(resolved(schema.propertyNames, root), picks);
  return options?.find((one) => one.value === key)?.title ?? key.replaceAll('_', ' ');
}

function Adder({ what, options, onAdd }) {
  const [chosen, choose] = useState('');
  const add = () => { if (chosen) { onAdd(chosen); choose(''); } };
  return html`<div className="gf-add">
    <select aria-label=${`What to add to ${what}`} value=${chosen} onChange=${(event) => choose(event.target.value)}>
      <option value="">Add to ${what} …</option>
      ${options.map((one) => html`<option key=${one.value} value=${one.value}>${one.title}</option>`)}
    </select>
    <button type="button" disabled=${!chosen} aria-label=${`Add to ${what}`} onClick=${add}>Add</button>
  </div>`;
}

// Keys an author names or chooses: a stat, an item, a person.
function KeyAdder({ schema, taken, what, onAdd }) {
  const { root, picks, name } = useForm();
  const names = resolved(schema.propertyNames ?? {}, root);
  const options = optionsOf(names, picks)?.filter((one) => !taken.includes(one.value));
  const [chosen, choose] = useState('');
  if (options) return options.length ? html`<${Adder} what=${what} options=${options} onAdd=${onAdd} />` : null;
  const key = chosen.trim().toLowerCase().replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '');
  const add = () => { if (key && !taken.includes(key)) { onAdd(key); choose(''); } };
  return html`<div className="gf-add">
    <input aria-label=${`A name to add to ${what}`} id=${idOf(name, `/new-${what}`)} value=${chosen} placeholder="another …" onChange=${(event) => choose(event.target.value)}
      onKeyDown=${(event) => { if (event.key === 'Enter') { event.preventDefault(); add(); } }} />
    <button type="button" disabled=${!key || taken.includes(key)} aria-label=${`Add that name to ${what}`} onClick=${add}>Add</button>
  </div>`;
}

function ObjectGroup({ schema, value, onChange, pointer, words, whole }) {
  return html`<${ObjectFields} whole=${whole} schema=${schema} value=${value ?? {}} onChange=${onChange} pointer=${pointer} title=${words} />`;
}

// -- lists ------------------------------------------------------------------------------------------------------------
function ListGroup({ schema, value, onChange, pointer, words }) {
  const { root, picks } = useForm();
  const [added, setAdded] = useState(null);
  const list = Array.isArray(value) ? value : [];
  const items = resolved(schema.items, root);
  const full = list.length >= (schema.maxItems ?? Infinity);
  const one = titleOf(items, 'entry').toLowerCase();
  return html`<div className="gf-list">
    ${list.map((part, index) => html`<${Field} key=${index} label=${list.length > 1 || controlOf(items, root, picks) === 'object' ? `${titleOf(items, 'entry')} ${index + 1}` : titleOf(items, 'entry')} schema=${items} value=${part} pointer=${`${pointer}/${index}`} focus=${added === index}
      onChange=${(next) => onChange(list.with(index, next))} onRemove=${() => onChange(list.toSpliced(index, 1))} />`)}
    <button type="button" className="gf-more" disabled=${full} aria-label=${`Add ${one} to ${words}`} onClick=${() => { setAdded(list.length); onChange([...list, beginning(items, root, picks)]); }}><${Icon} name="add" />${one}</button>
  </div>`;
}

function JsonGroup({ id, value, onChange, words }) {
  const [text, setText] = useState(() => JSON.stringify(value ?? {}, null, 2));
  const [wrong, setWrong] = useState('');
  const read = (next) => {
    setText(next);
    try { onChange(JSON.parse(next)); setWrong(''); } catch (error) { setWrong(error.message); }
  };
  return html`<textarea id=${id} className="ge-json" aria-label=${words} rows="4" spellCheck=${false} value=${text} onChange=${(event) => read(event.target.value)} />${wrong && html`<p className="gf-wrong">${wrong}</p>`}`;
}

const GROUPS = { object: ObjectGroup, list: ListGroup, json: JsonGroup };
