// Two people in a live call on a server of their own: Ana in red, the customer, and Marta in blue, the shopper.
import { BLUE, RED } from './pictures.mjs';
import { Person } from './people.mjs';
import { Server } from './server.mjs';
import { Shop } from './shop.mjs';

/** Somebody who waits longer than this for pictures waits in vain, also where packets are lost or relayed on a busy machine. */
const MEETS_WITHIN_MS = 30_000;

/** Both with their pages open, on a server with these options; the script runs in both pages before their own. */
export async function prepared(chrome, options = {}, script = null) {
  const server = await Server.start(options);
  const shop = await Shop.open(server.url);
  const call = await shop.live();
  const ana = await Person.with(chrome, 'Ana', { colour: RED });
  const marta = await Person.with(chrome, 'Marta', { colour: BLUE });
  if (script) for (const person of [ana, marta]) await person.context.addInitScript(script);
  return { server, shop, call, ana, marta };
}

/** Both in the call, seeing and hearing each other. */
export async function inCall(chrome, options = {}, script = null) {
  const call = await prepared(chrome, options, script);
  await call.ana.openAsCustomer(call.shop, call.call);
  await call.marta.openAsShopper(call.shop, call.call);
  await Promise.all([call.ana.comeIn(), call.marta.comeIn()]);
  await Promise.all([call.ana.meets(1, MEETS_WITHIN_MS), call.marta.meets(1, MEETS_WITHIN_MS)]);
  return call;
}
