// Small things the modules of the lab share.
export function el(name, props = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (key === 'data') Object.assign(made.dataset, value);
    else if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (key in made && key !== 'list') made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const json = (id) => JSON.parse(document.getElementById(id)?.textContent || '{}');

// As if it was typed: whoever listens to the form hears it.
export function change(field, value) {
  if (field.type === 'checkbox') {
    if (field.checked === value) return;
    field.checked = value;
  } else {
    if (field.value === String(value)) return;
    field.value = value;
  }
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

const live = el('p', { className: 'visually-hidden', role: 'status' });
document.body.append(live);
export function say(text) {
  live.textContent = '';
  requestAnimationFrame(() => { live.textContent = text; });
}

// The next row of a formset: an unused one there is, else a copy of the empty one.
export function newRow(rows, empty, prefix) {
  const total = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
  const number = Number(total.value);
  const copy = empty.content.firstElementChild.cloneNode(true);
  for (const one of copy.querySelectorAll('*')) {
    for (const name of ['id', 'name', 'for', 'aria-describedby']) {
      if (one.hasAttribute(name)) one.setAttribute(name, one.getAttribute(name).replaceAll('__prefix__', number));
    }
  }
  copy.dataset.row = copy.dataset.row.replace('__prefix__', number);
  total.value = number + 1;
  rows.append(copy);
  return copy;
}
