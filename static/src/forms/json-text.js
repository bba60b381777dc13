// Where in a JSON text a pointer's value begins: error lines in the preview and in what an author typed.
const escaped = (part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1');

export const join = (pointer, part) => `${pointer}/${escaped(part)}`;
export const split = (pointer) => pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
export const pretty = (value) => JSON.stringify(value, null, 2) ?? '';

// Pointer → line (from 0) of every value in a text that is JSON; of a member the line of its key.
export function lines(text) {
  const found = new Map();
  let at = 0;
  let line = 0;
  const step = () => { if (text[at] === '\n') line += 1; at += 1; };
  const blank = () => { while (at < text.length && ' \t\r\n'.includes(text[at])) step(); };
  const string = () => {
    const start = at;
    at += 1;
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    at += 1;
    return JSON.parse(text.slice(start, at));
  };
  const inside = (close, pointer, member) => {
    at += 1;
    for (let index = 0; ; index += 1) {
      blank();
      if (text[at] === close || at >= text.length) { at += 1; return; }
      if (text[at] === ',') { at += 1; blank(); }
      member(index, pointer);
    }
  };
  const value = (pointer, known = null) => {
    blank();
    found.set(pointer, known ?? line);
    if (text[at] === '{') {
      inside('}', pointer, () => {
        const here = line;
        const key = string();
        blank();
        at += 1; // the colon
        value(join(pointer, key), here);
      });
    } else if (text[at] === '[') inside(']', pointer, (index) => value(join(pointer, index)));
    else if (text[at] === '"') string();
    else while (at < text.length && !',]}\n\r\t '.includes(text[at])) at += 1;
  };
  value('');
  return found;
}

// The line of a pointer, or of the nearest value around it.
export function lineOf(found, pointer) {
  for (let here = pointer; ; here = here.slice(0, here.lastIndexOf('/'))) {
    if (found.has(here)) return found.get(here);
    if (!here) return 0;
  }
}

// A JSON value and what is wrong with its text, if it is none: {value} or {message, line}.
export function parse(text) {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const place = /position (\d+)/.exec(error.message);
    const at = place ? Number(place[1]) : /end/.test(error.message) ? text.length : 0;
    return { message: `This is not JSON yet: ${error.message}`, line: text.slice(0, at).split('\n').length - 1 };
  }
}

// RFC 6902, as far as fixes go: add, replace, remove, move.
export function patched(value, operations) {
  const copy = structuredClone(value);
  const owner = (parts) => parts.slice(0, -1).reduce((node, part) => (node[part] ??= {}), copy);
  const take = (path) => {
    const parts = split(path);
    const node = owner(parts);
    const key = parts.at(-1);
    const was = node[key];
    if (Array.isArray(node)) node.splice(Number(key), 1);
    else delete node[key];
    return was;
  };
  const put = (path, given, insert) => {
    const parts = split(path);
    const node = owner(parts);
    const key = parts.at(-1);
    if (Array.isArray(node) && insert) node.splice(key === '-' ? node.length : Number(key), 0, given);
    else node[key] = given;
  };
  for (const { op, path, value: given, from } of operations) {
    if (op === 'remove') take(path);
    else if (op === 'move') put(path, take(from), true);
    else put(path, given, op === 'add');
  }
  return copy;
}
