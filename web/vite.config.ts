// Four pages, one script each, sharing chunks; everything that has a hash in its name lives under /assets.
import { defineConfig } from 'vite';

export default defineConfig({
  publicDir: false,
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['index.html', 'call.html', 'recording.html', 'ratings.html'] },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:8080', ws: true } } },
});
