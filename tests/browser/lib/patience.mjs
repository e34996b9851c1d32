// Waiting for a condition with a bound: no test sleeps and hopes.

const LOOK_EVERY_MS = 50;

/** The first truthy value of `look`, or an error that says what did not come about. */
export async function until(look, what, withinMs = 30_000) {
  const end = Date.now() + withinMs;
  let seen;
  for (;;) {
    seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}; last seen: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Looks for as long as this, for what must hold all the while. */
export async function during(ms, look) {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    await look();
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
