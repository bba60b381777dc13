// Generate and attach, without leaving the graph: what to make, its cost before the click, then the card shows how far it is.
import { html, useEffect, useMemo, useRef, useState } from '../../vendor/graph.js';
import { useSession } from './canvas.js';
import { Icon } from './icons.js';
import { changeNode, nameOf } from './model.js';
import { post } from './rest.js';

const CALM = 350; // ms after the last key before the cost is asked for
const STYLE = ['time_of_day', 'weather', 'mood', 'camera_movement'];
const TITLES = { time_of_day: 'Time of day', weather: 'Weather', mood: 'Mood', camera_movement: 'Camera' };
const QUALITIES = ['low', 'medium', 'high'];

function beginningOf(node, vocabulary) {
  const made = node.meta.generationConfig ?? {};
  const { duration_sec: inStyle, ...style } = made.style ?? {};
  const usable = vocabulary.picks.providers.filter((provider) => provider.usable);
  const wanted = usable.find((provider) => provider.value === made.provider_id) ?? usable.find((provider) => provider.value !== 'animatic') ?? usable[0] ?? vocabulary.picks.providers[0];
  return {
    provider_id: wanted?.value ?? '', operation_type: made.operation_type ?? (made.type === 'image' ? 'text_to_image' : 'text_to_video'), prompt: made.prompt ?? '', negative_prompt: made.negative_prompt ?? '', style,
    duration_sec: made.duration_sec ?? inStyle ?? 8, quality: made.quality ?? 'high', seed: made.seed ?? 42, aspect_ratio: made.aspect_ratio ?? '16:9', model: made.model ?? '',
  };
}

function orderOf(form, session, node, saved) {
  const { provider_id, operation_type, prompt, negative_prompt, style, duration_sec, quality, seed, aspect_ratio, model } = form;
  const said = Object.fromEntries(Object.entries(style).filter(([, words]) => words !== ''));
  return {
    provider_id, operation_type,
    inputs: { prompt: prompt.trim() || '…', ...(negative_prompt ? { negative_prompt } : {}), style: said, ...(operation_type === 'text_to_image' ? {} : { duration_sec: Number(duration_sec) }) },
    canonical_params: { seed: Number(seed), aspect_ratio, quality, ...(model ? { model } : {}) },
    strategy: 'once',
    scene_context: { scene_id: session.scene, ...(saved ? { node_id: node.id } : {}) },
  };
}

export function GeneratePanel({ session, node, acts }) {
  const { vocabulary, base, graph, jobs } = useSession(session);
  const [form, setForm] = useState(() => beginningOf(node, vocabulary));
  const [price, setPrice] = useState(null);
  const [trouble, setTrouble] = useState('');
  const [keep, setKeep] = useState(true);
  const [busy, setBusy] = useState(false);
  const asked = useRef(0);
  const saved = base.nodes.some((one) => one.id === node.id);
  const order = useMemo(() => orderOf(form, session, node, saved), [form, node.id, saved]);
  const person = vocabulary.picks.npcs.find((npc) => npc.value === (node.meta.generationConfig?.npc ?? node.meta.dialogueConfig?.npc ?? vocabulary.scene.npc));
  const set = (name, value) => setForm((now) => ({ ...now, [name]: value }));
  const usable = vocabulary.picks.providers.find((provider) => provider.value === form.provider_id)?.usable;
  const complete = form.duration_sec !== '' && form.seed !== '';

  useEffect(() => {
    if (!complete) { setPrice(null); return undefined; }
    const mine = ++asked.current;
    const timer = setTimeout(async () => {
      try {
        const answer = await post('/generation/estimate', order);
        if (mine === asked.current) { setPrice(answer); setTrouble(''); }
      } catch (error) {
        if (mine === asked.current) { setPrice(null); setTrouble(error.words); }
      }
    }, CALM);
    return () => clearTimeout(timer);
  }, [order, complete]);

  const problems = price?.problems ?? [];
  const poor = price && price.estimated_credits > price.remaining_credits;
  const ready = price && !problems.length && !poor && !price.why && form.prompt.trim() && !busy;

  const write = async () => {
    setBusy(true);
    try {
      const found = await post('/npc-prompts/visual', { npc_id: person.id, scene_id: session.scene, ...(node.meta.generationConfig?.action_block ? { action_block: node.meta.generationConfig.action_block } : {}) });
      set('prompt', found.text);
    } catch (error) { setTrouble(error.words); }
    setBusy(false);
  };

  const generate = async (event) => {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    try {
      if (keep) session.change('Keeping the prompt', (now) => changeNode(now, node.id, (old) => ({ meta: { ...old.meta, generationConfig: remembered(old.meta.generationConfig, form) } })));
      if (!saved && !(await session.saving.save())) { setTrouble('The node has to be saved before a clip can be put on it.'); return; }
      const job = await post('/generation/', orderOf(form, session, node, true));
      session.set({ panel: null, jobs: { ...session.state.jobs, [node.id]: { id: job.id, status: job.status, progress: job.progress, picture: job.poster_url ?? undefined } } });
      session.say(job.reused ? 'This was made before: you get it again, for nothing.' : 'Ordered. The card shows how far it is.');
      if (job.status === 'completed') session.saving.pull();
      acts.go(node.id);
    } catch (error) {
      setTrouble(error.words);
    } finally {
      setBusy(false);
    }
  };

  const words = (name) => html`<datalist id=${`ge-words-${name}`}>${(vocabulary.suggestions[name] ?? []).map((word) => html`<option key=${word} value=${word} />`)}</datalist>`;
  return html`<section aria-label=${`Generate a clip for ${nameOf(node)}`}><form onSubmit=${generate}>
    <h2><${Icon} name="generate" />Generate and attach</h2>
    <p className="ge-key">for <b>${nameOf(node)}</b>${jobs[node.id] && !['completed', 'failed', 'cancelled', 'moderated'].includes(jobs[node.id].status) ? ' – a job is under way already' : ''}</p>
    <label className="ge-field">Prompt <textarea rows="5" maxLength="4000" required value=${form.prompt} placeholder="What it shows, in a sentence or two." onChange=${(event) => set('prompt', event.target.value)} /></label>
    ${person && html`<button type="button" className="gf-more" disabled=${busy} onClick=${write}><${Icon} name="dialogue" />Write it from ${person.title}</button>`}
    <label className="ge-field">Provider <select value=${form.provider_id} onChange=${(event) => set('provider_id', event.target.value)}>${vocabulary.picks.providers.map((one) => html`<option key=${one.value} value=${one.value}>${one.title}</option>`)}</select></label>
    <label className="ge-field">What <select value=${form.operation_type} onChange=${(event) => set('operation_type', event.target.value)}>${vocabulary.picks.operations.map((one) => html`<option key=${one.value} value=${one.value}>${one.title}</option>`)}</select></label>
    <div className="ge-pair">${STYLE.map((name) => html`<label className="ge-field" key=${name}>${TITLES[name]} <input type="text" maxLength="60" list=${`ge-words-${name}`} autoComplete="off" value=${form.style[name] ?? ''} onChange=${(event) => set('style', { ...form.style, [name]: event.target.value })} />${words(name)}</label>`)}
      <label className="ge-field">Seconds <input type="number" min="1" max="60" step="any" value=${form.duration_sec} onChange=${(event) => set('duration_sec', event.target.value)} /></label>
      <label className="ge-field">Quality <select value=${form.quality} onChange=${(event) => set('quality', event.target.value)}>${[...new Set([...QUALITIES, form.quality])].map((one) => html`<option key=${one} value=${one}>${one}</option>`)}</select></label>
      <label className="ge-field">Seed <input type="number" min="0" step="1" value=${form.seed} onChange=${(event) => set('seed', event.target.value)} /></label></div>
    <label className="ge-check"><input type="checkbox" checked=${keep} onChange=${(event) => setKeep(event.target.checked)} />Keep prompt and style with the node</label>
    <div className="ge-price" role="status">
      ${trouble && html`<p className="gf-wrong">${trouble}</p>`}
      ${price && (price.reuse_asset_id ? html`<p><b>Free:</b> the same was made before.</p>` : html`<p><b>${price.estimated_credits === 0 ? 'Free' : `${price.estimated_credits} credits`}</b>${price.estimated_credits === 0 ? ' – made on this machine.' : `; ${price.remaining_credits} are left today.`}</p>`)}
      ${price?.why && html`<p className="gf-wrong">${price.why}</p>`}
      ${poor && html`<p className="gf-wrong">That is more than is left of today’s budget.</p>`}
      ${problems.map((problem) => html`<p className="gf-wrong" key=${problem.pointer + problem.code}>${problem.message}</p>`)}
    </div>
    <div className="ge-buttons ge-end">
      <button type="submit" className="ge-first" disabled=${!ready}>${saved ? 'Generate' : 'Save and generate'}${price && price.estimated_credits > 0 && !price.reuse_asset_id ? ` – ${price.estimated_credits} credits` : ''}</button>
      <button type="button" onClick=${() => { session.set({ panel: null }); acts.go(node.id); }}>Back</button>
    </div>
    ${usable === false && html`<p><a href=${session.urls.controlCenter}>Providers and accounts are in the control center</a></p>`}
  </form></section>`;
}

function remembered(before, form) {
  const style = Object.fromEntries(Object.entries(form.style).filter(([, words]) => words !== ''));
  return {
    strategy: 'once', ...before, prompt: form.prompt.trim(), ...(form.negative_prompt ? { negative_prompt: form.negative_prompt } : {}), style, provider_id: form.provider_id, operation_type: form.operation_type,
    duration_sec: Number(form.duration_sec), seed: Number(form.seed), quality: form.quality, aspect_ratio: form.aspect_ratio,
  };
}
