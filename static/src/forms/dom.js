// Elements without a framework. Attributes are set as attributes, `on…` as listeners; nothing is ever parsed as HTML.
let count = 0;

export const uid = (word = 'sf') => `${word}-${++count}`;

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'value') node.value = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const button = (label, onclick, props = {}) => h('button', { type: 'button', class: 'sf-button', onclick, ...props }, label);

export const sentence = (key) => {
  const words = String(key).replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

// A select of [value, title] pairs. Values may be of any JSON type: the option carries its place in the list.
export function choice(pairs, chosen, onchange, props = {}) {
  const select = h('select', { ...props, onchange: () => onchange(pairs[select.selectedIndex][0]) },
    pairs.map(([value, title]) => h('option', { value: JSON.stringify(value) ?? '' }, String(title))));
  const at = pairs.findIndex(([value]) => JSON.stringify(value) === JSON.stringify(chosen));
  select.selectedIndex = Math.max(at, 0);
  return select;
}
