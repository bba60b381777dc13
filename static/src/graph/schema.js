// Reading a JSON Schema as a form reads it: what a value looks like and what to ask with. It decides nothing about what is allowed; the server does.
export function resolved(schema, root) {
  let found = schema ?? {};
  for (let hops = 0; found.$ref && hops < 20; hops += 1) {
    let target = root;
    for (const part of found.$ref.replace(/^#/, '').split('/').slice(1)) target = target?.[part];
    const { $ref, ...beside } = found;
    found = { ...target, ...beside };
  }
  return found;
}

export const kindsOf = (schema) => [schema.type ?? 'string'].flat().filter((kind) => kind !== 'null');
export const mayBeNull = (schema) => [schema.type].flat().includes('null');
const pickOf = (schema) => schema['x-pick'] ?? schema['x-enum'];

export function optionsOf(schema, picks) {
  const named = picks[pickOf(schema)];
  if (!schema.enum) return named ?? null;
  const titles = new Map((named ?? []).map((one) => [one.value, one.title]));
  return schema.enum.filter((value) => value !== null).map((value) => ({ value, title: titles.get(value) ?? String(value).replaceAll('_', ' ') }));
}

const FEW = 16;
const LONG = 1000;

export function controlOf(schema, root, picks) {
  const kinds = kindsOf(schema);
  if (schema.pattern?.startsWith('^!?')) return 'negatable';
  if (kinds.includes('string') && kinds.includes('number')) return schema.pattern?.startsWith('^[+-]') ? 'change' : 'text';
  if (kinds.includes('object') && kinds.length > 1) return 'where';
  if (['pictures', 'assets'].includes(pickOf(schema))) return 'asset';
  if (schema.pattern?.startsWith('^([01]')) return 'time';
  if (optionsOf(schema, picks) && kinds[0] !== 'array') return 'pick';
  switch (kinds[0]) {
    case 'object': return schema.properties || schema.additionalProperties ? 'object' : 'json';
    case 'array': {
      const items = resolved(schema.items, root);
      const options = items.pattern?.startsWith('^!?') ? null : optionsOf(items, picks);
      return options && options.length <= FEW ? 'checks' : 'list';
    }
    case 'boolean': return 'check';
    case 'integer':
    case 'number': return 'number';
    default: return (schema.maxLength ?? 0) >= LONG ? 'long' : 'text';
  }
}

// What stands there right after adding. An example where it says something by itself, else empty for the author to choose.
export function beginning(schema, root, picks) {
  const control = controlOf(schema, root, picks);
  if (control === 'check') return schema.default === undefined ? true : !schema.default;
  if (control === 'number') return schema.default ?? schema.examples?.find((one) => one !== null) ?? schema.minimum ?? 0;
  if (control === 'change') return '+1';
  if (control === 'time') return schema.examples?.[0] ?? '12:00';
  if (control === 'object' && schema.required?.every((key) => controlOf(resolved(schema.properties[key], root), root, picks) === 'time')) return { ...schema.examples?.[0] };
  if (control === 'object') return Object.fromEntries((schema.required ?? []).map((key) => [key, beginning(resolved(schema.properties[key], root), root, picks)]));
  if (control === 'list') return controlOf(resolved(schema.items, root), root, picks) === 'object' ? [beginning(resolved(schema.items, root), root, picks)] : [];
  if (control === 'checks') return [];
  if (control === 'json') return {};
  return '';
}

export const titleOf = (schema, key) => schema.title ?? String(key).replaceAll('_', ' ');

// Ids are another way to say a key; the form speaks of keys and shows ids only where they stand already.
export const isAlias = (key, properties) => key.endsWith('_id') && key.slice(0, -3) in properties;
