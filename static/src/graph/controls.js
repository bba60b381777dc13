// One control for each kind of value. Every control is a native one, so keyboard, touch and screen readers come with it.
import { html } from '../../vendor/graph.js';
import { AssetPicker } from './assets.js';
import { useForm } from './form.js';
import { mayBeNull, optionsOf, resolved } from './schema.js';

const SLIDER = 200; // wider ranges are typed
const aria = ({ invalid, describedBy }) => ({ 'aria-invalid': invalid || undefined, 'aria-describedby': describedBy });

function Text({ id, schema, value, onChange, pointer, ...rest }) {
  const { suggestions } = useForm();
  const words = suggestions?.[pointer.split('/').at(-1)];
  return html`<input id=${id} type="text" value=${value ?? ''} maxLength=${schema.maxLength} placeholder=${exampleOf(schema)} list=${words ? `${id}-words` : undefined} ...${aria(rest)}
    onChange=${(event) => onChange(mayBeNull(schema) && event.target.value === '' ? null : event.target.value)} />
    ${words && html`<datalist id=${`${id}-words`}>${words.map((word) => html`<option key=${word} value=${word} />`)}</datalist>`}`;
}

const exampleOf = (schema) => (typeof schema.examples?.[0] === 'string' ? schema.examples[0] : undefined);

function Long({ id, schema, value, onChange, ...rest }) {
  return html`<textarea id=${id} rows="4" value=${value ?? ''} maxLength=${schema.maxLength} placeholder=${exampleOf(schema)} ...${aria(rest)} onChange=${(event) => onChange(event.target.value)} />`;
}

function Time({ id, value, onChange, ...rest }) {
  return html`<input id=${id} type=${value === '24:00' ? 'text' : 'time'} value=${value ?? ''} ...${aria(rest)} onChange=${(event) => onChange(event.target.value)} />`;
}

function NumberBox({ id, schema, value, onChange, words, ...rest }) {
  const { minimum, maximum } = schema;
  const step = schema.type === 'integer' ? 1 : maximum - minimum <= 1 ? 0.05 : 'any';
  const slides = minimum !== undefined && maximum !== undefined && maximum - minimum <= SLIDER;
  const read = (event) => onChange(event.target.value === '' ? (mayBeNull(schema) ? null : '') : Number(event.target.value));
  return html`<span className="gf-number">
    ${slides && html`<input type="range" aria-label=${`${words}, slider`} min=${minimum} max=${maximum} step=${step === 'any' ? 1 : step} value=${value || 0} onChange=${read} />`}
    <input id=${id} type="number" min=${minimum} max=${maximum} step=${step} value=${value ?? ''} ...${aria(rest)} onChange=${read} />
  </span>`;
}

function Check({ id, value, onChange, ...rest }) {
  return html`<input id=${id} type="checkbox" checked=${value === true} ...${aria(rest)} onChange=${(event) => onChange(event.target.checked)} />`;
}

export function Pick({ id, schema, value, onChange, label, ...rest }) {
  const { picks } = useForm();
  const options = optionsOf(schema, picks) ?? [];
  return html`<${Select} id=${id} label=${label} options=${options} value=${value} blank=${mayBeNull(schema) ? 'none' : 'choose …'} ...${aria(rest)}
    onChange=${(next) => onChange(next === '' ? (mayBeNull(schema) ? null : '') : next)} />`;
}

// A value that is not among the choices stays what it is: a reference may come before its thing.
export function Select({ id, label, options, value, blank, onChange, ...rest }) {
  const known = options.some((one) => one.value === value);
  const back = new Map(options.map((one) => [String(one.value), one.value]));
  return html`<select id=${id} aria-label=${label} value=${value ?? ''} ...${rest} onChange=${(event) => onChange(back.get(event.target.value) ?? event.target.value)}>
    ${(blank || value === '' || value === undefined || value === null) && html`<option value="">${blank ?? 'choose …'}</option>`}
    ${!known && value !== '' && value !== undefined && value !== null && html`<option value=${value}>${String(value)} (not there yet)</option>`}
    ${options.map((one) => html`<option key=${one.value} value=${one.value}>${one.title}</option>`)}
  </select>`;
}

function Checks({ id, schema, value, onChange }) {
  const { root, picks } = useForm();
  const options = optionsOf(resolved(schema.items, root), picks);
  const list = Array.isArray(value) ? value : [];
  const strange = list.filter((part) => !options.some((one) => one.value === part)).map((part) => ({ value: part, title: `${part} (not there yet)` }));
  const flip = (part) => onChange([...options, ...strange].map((one) => one.value).filter((one) => (one === part ? !list.includes(one) : list.includes(one))));
  return html`<div className="gf-checks">${[...options, ...strange].map((one, index) => html`<label key=${one.value}>
    <input id=${index === 0 ? id : undefined} type="checkbox" checked=${list.includes(one.value)} onChange=${() => flip(one.value)} />${one.title}</label>`)}</div>`;
}

// A name as it is stored, while it is typed: a space becomes an underscore, and one at the end stays until the next word.
const keyed = (text) => text.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '_').replace(/^_+/, '');

// A flag or a node, wanted or not: “!” in front is how it is stored.
function Negatable({ id, schema, value, onChange, words, pointer, ...rest }) {
  const { picks } = useForm();
  const text = typeof value === 'string' ? value : '';
  const [no, key] = text.startsWith('!') ? ['!', text.slice(1)] : ['', text];
  const flag = schema['x-pick'] === 'flags';
  const [yes, not] = !flag ? ['visited', 'not visited'] : pointer.startsWith('/effects') ? ['set it', 'clear it'] : ['set', 'not set'];
  const options = picks[schema['x-pick']] ?? [];
  return html`<span className="gf-negatable">
    <select aria-label=${`${words}: wanted or not`} value=${no} onChange=${(event) => onChange(event.target.value + key)}>
      <option value="">${yes}</option><option value="!">${not}</option>
    </select>
    ${flag ? html`<input id=${id} type="text" aria-label=${`${words}: which`} list=${`${id}-all`} value=${key} placeholder="flag" autoComplete="off" ...${aria(rest)} 
        onChange=${(event) => onChange(no + keyed(event.target.value))} onBlur=${() => key.endsWith('_') && onChange(no + key.replace(/_+$/, ''))} />
      <datalist id=${`${id}-all`}>${options.map((one) => html`<option key=${one.value} value=${one.value}>${one.title}</option>`)}</datalist>`
      : html`<${Select} id=${id} label=${`${words}: which`} options=${options} value=${key} ...${aria(rest)} onChange=${(next) => onChange(no + next)} />`}
  </span>`;
}

// “+5” adds, 5 sets.
function Change({ id, value, onChange, words, ...rest }) {
  const adds = typeof value !== 'number';
  const amount = Number(value) || 0;
  const give = (how, number) => onChange(how === 'set' ? number : `${number < 0 ? '-' : '+'}${Math.abs(number)}`);
  return html`<span className="gf-change">
    <select aria-label=${`${words}: how`} value=${adds ? 'add' : 'set'} onChange=${(event) => give(event.target.value, amount)}><option value="add">changes by</option><option value="set">becomes</option></select>
    <input id=${id} type="number" step="any" aria-label=${`${words}: how much`} value=${amount} ...${aria(rest)} onChange=${(event) => give(adds ? 'add' : 'set', Number(event.target.value))} />
  </span>`;
}

// Where a person is put: a place, for as long as it takes or until a time; or released.
function Where({ id, value, onChange, words, ...rest }) {
  const { picks } = useForm();
  const deep = value !== null && typeof value === 'object';
  const place = deep ? value.location : value;
  const until = deep ? value.until : undefined;
  const give = (to, end) => onChange(end === undefined || end === '' ? to : { location: to, until: Number(end) });
  return html`<span className="gf-where">
    <${Select} id=${id} label=${`${words}: where`} options=${[{ value: 'null', title: 'released: goes their own way' }, ...picks.places]} value=${place === null ? 'null' : place} ...${aria(rest)} onChange=${(next) => give(next === 'null' ? null : next, until)} />
    <label>until second <input type="number" min="0" step="1" placeholder="next slot" value=${until ?? ''} onChange=${(event) => give(place, event.target.value)} /></label>
  </span>`;
}

function Asset({ id, schema, value, onChange, words }) {
  const { picks } = useForm();
  return html`<${AssetPicker} id=${id} label=${words} options=${optionsOf(schema, picks)} value=${value} onChange=${onChange} />`;
}

export const CONTROLS = { text: Text, long: Long, time: Time, number: NumberBox, check: Check, pick: Pick, checks: Checks, negatable: Negatable, change: Change, where: Where, asset: Asset };
