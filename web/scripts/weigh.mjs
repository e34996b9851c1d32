// Says what each page weighs on the wire (gzip), and fails when the call page's script outgrows its bound.
import { readdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

/** Bytes of script, gzip, that a customer on a slow network may be asked to load before the first word of a call. */
const CALL_SCRIPT_MAX = 45_000;

const dist = new URL('../dist/', import.meta.url);
const weights = new Map();
async function weigh(path) {
  if (!weights.has(path)) weights.set(path, gzipSync(await readFile(new URL(`.${path}`, dist)), { level: 9 }).length);
  return weights.get(path);
}

let tooHeavy = false;
for (const page of (await readdir(dist)).filter((name) => name.endsWith('.html')).sort()) {
  const html = await readFile(new URL(page, dist), 'utf8');
  const parts = { script: 0, style: 0 };
  const seen = new Set();
  const wanted = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]);
  while (wanted.length > 0) {
    const path = wanted.pop();
    if (seen.has(path)) continue;
    seen.add(path);
    if (path.endsWith('.css')) parts.style += await weigh(path);
    if (!path.endsWith('.js')) continue;
    parts.script += await weigh(path);
    const text = await readFile(new URL(`.${path}`, dist), 'utf8');
    for (const [, name] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) wanted.push(`/assets/${name}`);
  }
  const page_bytes = gzipSync(html).length;
  console.log(`${page}: script ${parts.script} B, style ${parts.style} B, page ${page_bytes} B (gzip)`);
  if (page === 'call.html' && parts.script > CALL_SCRIPT_MAX) tooHeavy = true;
}
if (tooHeavy) {
  console.error(`the call page's script is heavier than ${CALL_SCRIPT_MAX} B`);
  process.exit(1);
}
