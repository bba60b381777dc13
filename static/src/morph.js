// Turns one element into another, keeping what is the same: a playing clip plays on, a portrait fades, focus and typed words stay.
// data-key says which element is which; data-keep marks what the script owns and the server only starts.
const OWN = new Set(['data-wait', 'data-arriving', 'inert', 'open']);

const keyOf = (node) => node.dataset?.key ?? node.id ?? '';
const same = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

export function morph(old, next) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
    return;
  }
  if (old.hasAttribute('data-keep') && next.hasAttribute('data-keep')) return;
  attributes(old, next);
  children(old, next);
}

function attributes(old, next) {
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name) && !OWN.has(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
}

function children(old, next) {
  const keyed = new Map([...old.children].filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]));
  let here = old.firstChild;
  for (const wanted of [...next.childNodes]) {
    const known = wanted.dataset?.key ? keyed.get(wanted.dataset.key) : here;
    if (known && same(known, wanted)) {
      if (known === here) here = here.nextSibling;
      else old.insertBefore(known, here);
      morph(known, wanted);
    } else {
      old.insertBefore(wanted, here);
    }
  }
  while (here) {
    const gone = here;
    here = here.nextSibling;
    gone.remove();
  }
}
