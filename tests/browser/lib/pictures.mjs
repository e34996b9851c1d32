// What colours are seen.
import assert from 'node:assert/strict';
import { until } from './patience.mjs';

/** How far a colour may be from the one that was sent: video is compressed. */
const APART_MAX = 45;

export const RED = 'rgb(200, 40, 40)';
export const BLUE = 'rgb(30, 60, 200)';
export const GREEN = 'rgb(30, 160, 60)';
export const YELLOW = 'rgb(240, 200, 20)';

/** Whether two colours are the same to the eye. */
export function isLike(seen, wanted) {
  if (!seen) return false;
  const numbers = wanted.match(/\d+/g).map(Number);
  return seen.every((value, index) => Math.abs(value - numbers[index]) <= APART_MAX);
}

/** Waits until the person sees this colour. */
export async function sees(person, wanted, selector) {
  let seen;
  await until(async () => isLike((seen = await person.colour(selector)), wanted), `${person.name} sees ${wanted}`).catch((error) => {
    assert.fail(`${error.message}; sees ${seen}`);
  });
}
