// The Brain Lab: dresses up plain form fields. Whatever is shown here stands in the form, so the form alone is enough.
import { sliders } from './sliders.js';
import { wordLists } from './words.js';
import { pairs } from './pairs.js';
import { week } from './week.js';
import { faces } from './faces.js';
import { interactions } from './interactions.js';
import { wholes } from './wholes.js';
import { preview } from './preview.js';

const form = document.getElementById('npc_form');
document.documentElement.classList.add('has-script');
if (form) {
  sliders(form);
  wordLists(form);
  pairs(form);
  wholes(form);
  interactions(form);
  faces(form);
  week(form);
  preview(form);
  document.getElementById('tested')?.focus();
}
