import { layout } from './layout.js';

self.onmessage = ({ data }) => self.postMessage(layout(data));
