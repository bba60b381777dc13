// Before a playtest: sliders say their value while they move. Enter in a field begins, and does not take the first preset.
document.addEventListener('input', ({ target }) => {
  if (target.type === 'range') target.parentElement.querySelector('output').value = target.value.replace('-', '−');
});
