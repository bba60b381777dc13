// What a writer is told, asked anew while one types. What changed since the last answer is marked for a moment.
const CALM = 180; // ms after the last change

export function preview(form) {
  const out = document.getElementById('prompt-preview');
  if (!out) return;
  let timer;
  let asking;
  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    const body = new FormData(form);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    body.delete('_test');
    out.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(out.dataset.url, { method: 'POST', body, signal: asking.signal });
      if (answer.status !== 200 && answer.status !== 422) throw new Error(String(answer.status));
      show(out, await answer.text());
    } catch (error) {
      if (error.name === 'AbortError') return;
      out.textContent = 'The preview could not be made. It is asked for again with the next change.';
    }
    out.setAttribute('aria-busy', 'false');
  };
  const later = (event) => {
    if (event.target.closest?.('#week, #faces')) return;
    clearTimeout(timer);
    timer = setTimeout(ask, CALM);
  };
  form.addEventListener('input', later);
  form.addEventListener('change', later);
  ask();
}

function show(out, text) {
  const marks = (root) => new Map([...root.querySelectorAll('.scenario')].flatMap((one) => {
    const seen = {};
    return [...one.querySelectorAll('mark')].map((mark) => {
      const name = `${one.dataset.scenario}/${mark.dataset.trait}`;
      seen[name] = (seen[name] ?? 0) + 1;
      return [`${name}/${seen[name]}`, mark];
    });
  }));
  const before = new Map([...marks(out)].map(([name, mark]) => [name, mark.textContent]));
  const lines = new Map([...out.querySelectorAll('.scenario')].map((one) => [one.dataset.scenario, one.querySelector('.line-now').textContent]));
  const open = new Map([...out.querySelectorAll('details[data-keep]')].map((one) => [one.dataset.keep, one.open]));
  const at = out.scrollTop;
  const template = document.createElement('template');
  template.innerHTML = text;
  if (template.content.querySelector('.preview-wrong') && out.querySelector('.scenario')) {
    out.querySelector('.preview-wrong')?.remove(); // the last good answer stays below what is wrong
    out.prepend(template.content);
    return;
  }
  for (const one of template.content.querySelectorAll('details[data-keep]')) if (open.has(one.dataset.keep)) one.open = open.get(one.dataset.keep);
  out.replaceChildren(template.content);
  out.scrollTop = at;
  for (const [name, mark] of marks(out)) if (before.has(name) && before.get(name) !== mark.textContent) mark.dataset.fresh = '';
  for (const one of out.querySelectorAll('.scenario')) {
    const line = one.querySelector('.line-now');
    if (lines.has(one.dataset.scenario) && lines.get(one.dataset.scenario) !== line.textContent) line.dataset.fresh = '';
  }
}
