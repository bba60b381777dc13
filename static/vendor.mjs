// Bundles what npm installed into static/vendor/ (never committed). Our own modules stay plain ES modules.
import { build } from 'esbuild';

const entries = {
  viewer3d: `
    export { Scene, PerspectiveCamera, WebGLRenderer, Raycaster, Vector2, Vector3, Box3, Box3Helper, HemisphereLight, DirectionalLight, Color } from 'three';
    export { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';
    export { OrbitControls } from 'three/addons/controls/OrbitControls.js';`,
  graph: `
    export { createElement, Fragment, createContext, memo, useCallback, useContext, useEffect, useId, useMemo, useReducer, useRef, useState, useSyncExternalStore } from 'react';
    export { createRoot } from 'react-dom/client';
    export * from '@xyflow/react';
    import { createElement } from 'react';
    import htm from 'htm';
    export const html = htm.bind(createElement);`,
  dagre: `export { default } from '@dagrejs/dagre';`,
  cropper: `export { default } from 'cropperjs';`,
};

for (const [name, contents] of Object.entries(entries)) {
  await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    outfile: `${import.meta.dirname}/vendor/${name}.js`,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'inline',
    logLevel: 'warning',
  });
}

await build({
  stdin: { contents: `@import '@xyflow/react/dist/style.css';`, loader: 'css', resolveDir: import.meta.dirname },
  outfile: `${import.meta.dirname}/vendor/graph.css`,
  bundle: true,
  minify: true,
  logLevel: 'warning',
});

// The story's typeface, its files beside it. Pages name it first and do without it where it was not built.
await build({
  stdin: { contents: `@import '@fontsource-variable/literata/wght.css';`, loader: 'css', resolveDir: import.meta.dirname },
  outfile: `${import.meta.dirname}/vendor/fonts.css`,
  bundle: true,
  minify: true,
  loader: { '.woff2': 'file' },
  assetNames: 'fonts/[name]-[hash]',
  logLevel: 'warning',
});
