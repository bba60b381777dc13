// The JSON of what is selected, always beside the form and always editable.
import { html, useEffect, useState } from '../../vendor/graph.js';

export function Raw({ label, value, onChange }) {
  const shown = JSON.stringify(value, null, 2);
  const [text, setText] = useState(shown);
  const [mine, setMine] = useState(false); // while it is typed in, nothing else writes there
  const [wrong, setWrong] = useState('');
  useEffect(() => { if (!mine) { setText(shown); setWrong(''); } }, [shown, mine]);
  const read = (next) => {
    setText(next);
    try {
      const parsed = JSON.parse(next);
      if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) throw new Error('It is an object: { … }');
      setWrong('');
      onChange(parsed);
    } catch (error) {
      setWrong(words(error, next));
    }
  };
  return html`<details className="ge-raw" open><summary>JSON</summary>
    <textarea className="ge-json" aria-label=${label} aria-invalid=${wrong ? true : undefined} aria-describedby=${wrong ? 'ge-raw-wrong' : undefined} spellCheck=${false} rows=${Math.min(24, text.split('\n').length + 1)} value=${text}
      onFocus=${() => setMine(true)} onBlur=${() => { if (!wrong) setMine(false); }} onChange=${(event) => read(event.target.value)} />
    ${wrong && html`<p className="gf-wrong" id="ge-raw-wrong" role="status">${wrong} <button type="button" onClick=${() => { setText(shown); setWrong(''); setMine(false); }}>Back to what it was</button></p>`}
  </details>`;
}

function words(error, text) {
  const at = /position (\d+)/.exec(error.message);
  return at ? `Line ${text.slice(0, Number(at[1])).split('\n').length}: ${error.message.replace(/ in JSON.*/, '.')}` : error.message;
}
