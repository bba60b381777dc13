// What others and the machines do, as it happens: jobs on their cards, changes of the scene and of its world.
import { connect } from '../live.js';
import { get } from './rest.js';

const LATER = 1_500; // ms in which changes of the rest of the world are read together
const PAGES = '&page_size=100';

export function follow(session) {
  const live = new EventTarget();
  const part = () => `scene/${session.state.vocabulary.scene.key}`;
  let rest;
  live.addEventListener('live:world_changed', ({ detail }) => {
    if (detail.parts.includes(part())) session.saving.pull();
    if (detail.parts.some((one) => one !== part())) {
      clearTimeout(rest);
      rest = setTimeout(() => session.refreshVocabulary(), LATER);
    }
  });
  for (const name of ['progress', 'completed', 'failed']) live.addEventListener(`live:generation_${name}`, ({ detail }) => hear(session, name, detail));
  live.addEventListener('live:hello', () => { session.saving.pull(); running(session); });
  session.unfollow = connect(`/ws/world/${session.world}`, live, { onState: (state) => session.set({ live: state }) });
}

function hear(session, name, frame) {
  if (frame.scene_id !== session.scene || !frame.node_id) return;
  const jobs = { ...session.state.jobs };
  if (name === 'progress') jobs[frame.node_id] = { id: frame.generation_id, status: frame.status, progress: frame.progress, position: frame.queue_position, attention: frame.needs_attention };
  if (name === 'failed') jobs[frame.node_id] = { id: frame.generation_id, status: frame.status, error: frame.error };
  if (name === 'completed') {
    jobs[frame.node_id] = { id: frame.generation_id, status: 'completed', picture: frame.poster ?? frame.url };
    session.set({ said: 'The clip is ready and on its node.' });
    session.saving.pull();
  }
  session.set({ jobs });
}

// Jobs that were under way before the page was open.
async function running(session) {
  const answer = await get(`/generation/?world_id=${session.world}${PAGES}`).catch(() => ({ results: [] }));
  const jobs = { ...session.state.jobs };
  for (const job of answer.results.toReversed()) {
    const { scene_id, node_id } = job.scene_context ?? {};
    const over = ['completed', 'failed', 'moderated', 'cancelled'].includes(job.status);
    if (scene_id === session.scene && node_id && !over) jobs[node_id] = { id: job.id, status: job.status, progress: job.progress, attention: job.needs_attention };
    else if (scene_id === session.scene && over && jobs[node_id]?.id === job.id && !['completed', 'failed', 'moderated', 'cancelled'].includes(jobs[node_id].status)) delete jobs[node_id];
  }
  session.set({ jobs });
}
