// Two processes on one PostgreSQL, each a node: pages find the one that has their call, and the other one when it dies.
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { until } from './lib/patience.mjs';
import { BLUE, RED, sees } from './lib/pictures.mjs';
import { Person, browser } from './lib/people.mjs';
import { Postgres } from './lib/postgres.mjs';
import { Server, freePort } from './lib/server.mjs';
import { Shop } from './lib/shop.mjs';

/** A dead process is noticed within seconds; the rest is for a busy machine. */
const BACK_WITHIN_MS = 60_000;

let chrome;
let database;
let entrance;
before(async () => {
  chrome = await browser();
  database = await Postgres.start();
});
after(async () => {
  await chrome?.close();
  await database?.stop();
});
afterEach(async () => {
  await Promise.all(chrome.contexts().map((context) => context.close()));
  entrance?.close();
  await Server.stopAll();
});

/** The address that people know: whatever comes goes to the first of these ports that takes it. */
async function before_all_of(ports) {
  entrance = createServer((guest) => {
    guest.on('error', () => undefined);
    const ask = ([port, ...others]) => {
      if (port === undefined) return guest.destroy();
      const server = connect(port, '127.0.0.1', () => guest.pipe(server).pipe(guest));
      let isTaken = false;
      server.once('connect', () => (isTaken = true));
      server.once('error', () => (isTaken ? guest.destroy() : ask(others)));
      server.once('close', () => isTaken && guest.destroy());
      guest.once('close', () => server.destroy());
    };
    ask(ports);
  });
  const port = await freePort();
  await new Promise((resolve) => entrance.listen(port, '127.0.0.1', resolve));
  return `http://127.0.0.1:${port}`;
}

test('pages meet on the node of their call, and on another one when it dies', async () => {
  const ports = [await freePort(), await freePort()];
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const entrance_url = await before_all_of(ports);
  const start = (at) => Server.start({
    VITRINA_DATABASE_URL: database.url,
    VITRINA_MASTER_KEY: '11'.repeat(32),
    VITRINA_PUBLIC_URL: entrance_url,
    VITRINA_MEDIA_NODE_URL: urls[at],
    VITRINA_MEDIA_NODES: urls.join(','),
  }, ports[at]);
  const first = await start(0);
  await start(1);
  const shop = await Shop.open(entrance_url);
  const call = await shop.live();
  const marta = await Person.with(chrome, 'Marta', { colour: BLUE });
  const ana = await Person.with(chrome, 'Ana', { colour: RED });
  const sockets = [];
  ana.page.on('websocket', (socket) => sockets.push(new URL(socket.url()).port));
  // Marta comes by the address that people know, Ana by that of the second process.
  await marta.openAsShopper(shop, call);
  await marta.comeIn();
  const media = () => shop.ask('GET', `/v1/calls/${call.id}/media`, shop.owner);
  await until(async () => (await media()).sessions.length === 1, 'the call is on a node');
  await ana.openAsCustomer({ url: urls[1] }, call);
  await ana.comeIn();
  await Promise.all([ana.meets(1, BACK_WITHIN_MS), marta.meets(1, BACK_WITHIN_MS)]);
  await sees(ana, BLUE);
  assert.equal((await media()).sessions[0].node_url, urls[0]);
  assert.deepEqual([...new Set(sockets)], ports.slice().reverse().map(String), 'the connection goes on where the call is');

  await first.kill();
  const begun = Date.now();
  const moved = await until(async () => {
    // A connection that goes to the killed process breaks off: who reads asks again.
    const { sessions, participants } = await media().catch(() => ({ sessions: [], participants: [] }));
    const here = participants.filter((one) => one.joined_at && !one.left_at);
    return sessions.length === 2 && here.length === 2 && { sessions, participants };
  }, 'both are on the other node', BACK_WITHIN_MS);
  await Promise.all([ana.meets(1, BACK_WITHIN_MS), marta.meets(1, BACK_WITHIN_MS)]);
  console.log(`# back ${Date.now() - begun} ms after the node was killed`);
  await sees(ana, BLUE);
  await sees(marta, RED);
  assert.equal(moved.sessions[1].node_url, urls[1]);
  const left = moved.participants.filter((one) => one.left_at);
  assert.ok(left.length === 2 && left.every((one) => one.reason === 'server_shutdown' && one.corrected), JSON.stringify(left));
});
