// Every text is there in every language, with the same variables, and every text that the code names exists.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FluentBundle, FluentResource } from '@fluent/bundle';

const root = new URL('..', import.meta.url).pathname;
const LANGUAGES = ['en', 'es', 'pt', 'ca'];

const source = (language) => readFileSync(join(root, 'texts', `${language}.ftl`), 'utf8');
const ids = (language) => [...source(language).matchAll(/^([a-z][\w-]*) =/gm)].map((match) => match[1]);

function message(language, id) {
  const lines = source(language).split('\n');
  const start = lines.findIndex((line) => line.startsWith(`${id} =`));
  const end = lines.findIndex((line, index) => index > start && /^([a-z#]|$)/.test(line));
  return lines.slice(start, end === -1 ? undefined : end).join('\n');
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(folder, entry.name)) : /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.gen.ts') ? [join(folder, entry.name)] : [],
  );
}

test('every language has the same texts, none twice', () => {
  const english = ids('en');
  assert.equal(new Set(english).size, english.length, 'a text is there twice');
  for (const language of LANGUAGES) assert.deepEqual(ids(language), english, language);
});

test('every text takes the same variables in every language', () => {
  const variables = (language, id) => [...new Set([...message(language, id).matchAll(/\$(\w+)/g)].map((match) => match[1]))].sort();
  for (const id of ids('en')) for (const language of LANGUAGES) assert.deepEqual(variables(language, id), variables('en', id), `${language}: ${id}`);
});

test('every file is Fluent without a mistake', () => {
  for (const language of LANGUAGES) {
    const resource = new FluentResource(source(language));
    const bundle = new FluentBundle(language, { useIsolating: false });
    assert.deepEqual(bundle.addResource(resource), []);
    for (const id of ids(language)) assert.ok(bundle.getMessage(id)?.value, `${language}: ${id} cannot be read`);
  }
});

test('every text that the code names exists, and every text is named', () => {
  const known = new Set(ids('en'));
  const code = files(join(root, 'src')).map((file) => readFileSync(file, 'utf8')).join('\n');
  const direct = [...code.matchAll(/\bt\('([a-z][\w-]*)'/g)];
  const chosen = [...code.matchAll(/\bt\([^()']*(?:'[^']*'[^()']*)*/g)].flatMap(([call]) => [...call.matchAll(/[?:] '([a-z][\w-]*)'/g)]);
  const whole = [...direct, ...chosen].map((match) => match[1]);
  for (const id of whole) assert.ok(known.has(id), `t('${id}') has no text`);
  // Those with a variable part: at least one text begins with what stands before it.
  const begun = [...code.matchAll(/\bt\(`([a-z][\w-]*)\$\{/g)].map((match) => match[1]);
  for (const start of begun) assert.ok([...known].some((id) => id.startsWith(start)), `t(\`${start}…\`) has no text`);
  const named = (id) => code.includes(`'${id}'`) || begun.some((start) => id.startsWith(start)) || code.includes(`{t(${id}`);
  const panels = ['chat', 'products', 'people', 'devices'];
  for (const id of known) assert.ok(named(id) || panels.includes(id), `${id} is not used`);
});
