// Sliders say their value while they move; also one that was moved, or filled in again by the browser, before this was here.
const say = (slider) => { slider.parentElement.querySelector('output').value = slider.value.replace('-', '−'); };

for (const slider of document.querySelectorAll('input[type=range]')) say(slider);
document.addEventListener('input', ({ target }) => { if (target.type === 'range') say(target); });
