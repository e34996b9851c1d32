// Writes the types of the API from its description, `api/openapi.json`, so that page and server cannot drift apart.
//
// What the description leaves optional is optional here; what it calls a date is a string, as it comes over the wire.
import { mkdir, readFile, writeFile } from 'node:fs/promises';

const description = new URL('../../api/openapi.json', import.meta.url);
const target = new URL('../src/api/schema.gen.ts', import.meta.url);

const { components } = JSON.parse(await readFile(description, 'utf8'));

/** The TypeScript type of a JSON schema. */
function type(schema) {
  if (schema === undefined || schema === true) return 'unknown';
  if (schema.$ref) return schema.$ref.split('/').at(-1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const several = schema.oneOf ?? schema.anyOf;
  if (several) return several.map(type).join(' | ');
  if (schema.allOf) return schema.allOf.map((part) => `(${type(part)})`).join(' & ');
  const kinds = [schema.type].flat();
  return kinds.map((kind) => ofKind(kind, schema)).join(' | ');
}

function ofKind(kind, schema) {
  switch (kind) {
    case 'string':
    case 'boolean':
    case 'null':
      return kind;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `Array<${type(schema.items)}>`;
    case 'object':
      return schema.properties ? members(schema) : `Record<string, ${type(schema.additionalProperties)}>`;
    default:
      return 'unknown';
  }
}

function members(schema) {
  const required = new Set(schema.required ?? []);
  const lines = Object.entries(schema.properties).map(([name, property]) => {
    const said = property.description?.replaceAll('*/', '*\\/').replace(/\s+/g, ' ');
    return `${said ? `  /** ${said} */\n` : ''}  ${JSON.stringify(name)}${required.has(name) ? '' : '?'}: ${type(property)};`;
  });
  return `{\n${lines.join('\n')}\n}`;
}

const shapes = Object.entries(components.schemas).map(([name, schema]) => `export type ${name} = ${type(schema)};`);
const text = `// Generated from api/openapi.json by scripts/types.mjs. Not to be edited.\n\n${shapes.join('\n\n')}\n`;
await mkdir(new URL('.', target), { recursive: true });
await writeFile(target, text);
