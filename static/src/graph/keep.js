// Unsaved work lives in this browser until it is saved: a reload, a crash or a lost connection costs nothing. One record for each scene and author.
const NAME = 'pixsim-graphs';
let opened;

function store(mode, act) {
  opened ??= new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('drafts');
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  return opened.then((database) => new Promise((done, fail) => {
    const transaction = database.transaction('drafts', mode);
    const request = act(transaction.objectStore('drafts'));
    transaction.oncomplete = () => done(request.result);
    transaction.onerror = () => fail(transaction.error);
    transaction.onabort = () => fail(transaction.error);
  }));
}

// Where the browser keeps nothing (private windows of some), editing goes on without.
const quietly = (promise) => promise.catch(() => undefined);

export async function readDraft(key) {
  const [kept, last] = [await quietly(store('readonly', (drafts) => drafts.get(key))), takeLast(key)];
  return last && (!kept || last.at > kept.at) ? last : kept;
}

export const writeDraft = (key, draft) => store('readwrite', (drafts) => drafts.put(draft, key)).then(() => true, () => false);

// A page that is being left has no time for a database: its last change goes to where one writes at once, without the older steps if they are many.
const LAST = 'pixsim-graph-left ';
const ROOM = 2_000_000; // letters

export function writeLast(key, draft) {
  try {
    const whole = JSON.stringify(draft);
    localStorage.setItem(LAST + key, whole.length < ROOM ? whole : JSON.stringify({ ...draft, past: [], future: [] }));
  } catch { /* full or forbidden: the database has the change before */ }
}

function takeLast(key) {
  try {
    const found = JSON.parse(localStorage.getItem(LAST + key));
    localStorage.removeItem(LAST + key);
    return found;
  } catch { return null; }
}

export const dropDraft = (key) => quietly(store('readwrite', (drafts) => drafts.delete(key)));

const CLIPBOARD = 'pixsim-graph-copied';

export function copyOut(copied) {
  try { localStorage.setItem(CLIPBOARD, JSON.stringify(copied)); return true; } catch { return false; }
}

export function copiedIn() {
  try { return JSON.parse(localStorage.getItem(CLIPBOARD)); } catch { return null; }
}
