// A new interaction in three questions: what it is, when it is open, what comes of it. It writes what the form would write.
import { button, h, sentence, uid } from './dom.js';
import { child, field, resolve } from './schema-form.js';

const KINDS = [
  ['talk', 'Talk', 'An open conversation on the spot.', { type: 'inline_dialogue', gating: { min_affinity: 0 } }],
  ['ask', 'Ask for something', 'A question that needs some trust, and some time before it can be asked again.', { type: 'inline_dialogue', gating: { min_affinity: 20 }, cooldown_sec: 3600 }],
  ['flirt', 'Flirt', 'Romance: only when the mood is right.', { type: 'scene_triggered', branching_intent: 'escalate', gating: { min_affinity: 40, min_chemistry: 30, mood: ['happy', 'curious'] } }],
  ['trade', 'Trade', 'Only where and when the stall is open.', { type: 'inline_dialogue', gating: { time: { from: '08:00', to: '18:00' }, npc_present: true } }],
  ['scene', 'Play a scene', 'Leads into a scene of its own.', { type: 'scene_triggered', action: { type: 'play_scene' }, gating: {} }],
  ['own', 'Something of my own', 'Starts empty.', { type: 'inline_dialogue', gating: {} }],
];
const STEPS = [
  ['What is it?', ['label', 'description', 'type']],
  ['When is it open?', ['gating', 'cooldown_sec', 'once', 'hide_locked']],
  ['What comes of it?', ['effects', 'action', 'branching_intent', 'preset', 'prompt_template']],
];

export function wizard({ schema, names, lens, done }) {
  const interaction = resolve(resolve(resolve(schema.properties.manifest, schema).properties.interactions, schema).additionalProperties, schema);
  const made = { value: { label: '', ...structuredClone(KINDS[0][3]) } };
  const own = { pointer: '/wizard', get: () => made.value, set: (value) => { made.value = value; } };
  const ctx = { root: schema, names, actions: {}, open: new Set(), commit() {}, drawn() {} };
  const title = uid('wizard');
  const panel = h('div', { class: 'wizard-panel' });
  const heading = h('h2', { id: title });
  const note = h('p', { class: 'sf-error', role: 'alert', hidden: true });
  let step = 0;

  const kinds = () => h('fieldset', { class: 'wizard-kinds' }, h('legend', {}, 'Start from'), KINDS.map(([key, name, words, value], index) => h('label', {},
    h('input', { type: 'radio', name: 'wizard-kind', value: key, ...(index === 0 ? { checked: true } : {}), onchange: () => {
      made.value = { label: made.value.label, ...structuredClone(value) };
      if (!made.value.label) made.value.label = key === 'own' ? '' : name;
      draw();
      panel.querySelector(`[value=${key}]`).checked = true;
      panel.querySelector(`[value=${key}]`).focus();
    } }), h('b', {}, name), h('span', {}, words))));
  const member = (key) => field(interaction.properties[key], child(own, key, ctx), ctx);
  const draw = () => {
    heading.textContent = `${step + 1} of ${STEPS.length} · ${STEPS[step][0]}`;
    panel.replaceChildren(...(step === 0 ? [kinds()] : []), h('div', { class: 'sf' }, STEPS[step][1].map(member)));
    back.hidden = step === 0;
    next.textContent = step === STEPS.length - 1 ? 'Add interaction' : 'Next';
    note.hidden = true;
  };
  const tidy = (value) => Object.fromEntries(Object.entries(value).filter(([key, one]) => one !== '' && !(key !== 'gating' && one && typeof one === 'object' && !Object.keys(one).length)));
  const finish = () => {
    const base = made.value.label.toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '') || 'interaction';
    const taken = lens.get() ?? {};
    let key = base;
    for (let number = 2; key in taken; number += 1) key = `${base}_${number}`;
    child(lens, key, { commit() {} }).set(tidy(made.value));
    lens.set({ ...lens.get() });
    dialog.close();
    done(key);
  };
  const back = button('Back', () => { step -= 1; draw(); });
  const next = button('Next', () => {
    if (step === 0 && !made.value.label?.trim()) {
      note.textContent = 'Give it a name: players read it on a button.';
      note.hidden = false;
      panel.querySelector('[data-pointer="/wizard/label"] input')?.focus();
      return;
    }
    if (step === STEPS.length - 1) { finish(); return; }
    step += 1;
    draw();
    panel.querySelector('input,select,textarea,button')?.focus();
  }, { class: 'sf-button sf-primary' });
  const dialog = h('dialog', { class: 'wizard', 'aria-labelledby': title, onclose: () => dialog.remove() },
    heading, panel, note, h('div', { class: 'wizard-foot' }, button('Cancel', () => dialog.close()), h('span', { class: 'wizard-space' }), back, next));
  document.body.append(dialog);
  made.value.label = sentence(KINDS[0][1]);
  draw();
  dialog.showModal();
}
