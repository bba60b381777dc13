// JSON beside the fields: kept in step while one types there, and taken as it is once one writes in it.
import { change } from './dom.js';

const OCEAN = ['openness', 'conscientiousness', 'extraversion', 'agreeableness', 'neuroticism'];

export function wholes(form) {
  const text = form.elements.personality_json;
  const box = form.elements.personality_as_json;
  const other = form.elements.other_traits;
  const fields = [...OCEAN, 'occupation', 'voice_style', 'background', 'quirks', 'interests'].map((name) => form.elements[name]).concat(other);
  const value = (field) => {
    if (OCEAN.includes(field.name)) return field.value === '' ? undefined : Number(field.value);
    if ('wordsList' in field.dataset) {
      const lines = field.value.split('\n').map((line) => line.trim()).filter(Boolean);
      return lines.length ? lines : undefined;
    }
    return field.value.trim() || undefined;
  };
  const show = () => {
    if (box.checked) return;
    let rest = {};
    try { rest = JSON.parse(other.value || '{}'); } catch { return; }
    const said = fields.filter((field) => field !== other).map((field) => [field.name, value(field)]).filter(([, one]) => one !== undefined);
    text.value = JSON.stringify({ ...rest, ...Object.fromEntries(said) }, null, 2);
  };
  for (const field of fields) field.addEventListener('input', show);
  for (const [area, tick] of [[text, box], [form.elements.overrides_json, form.elements.overrides_as_json]]) area.addEventListener('input', () => change(tick, true));
  box.addEventListener('change', show);
}
