// A call is recorded once the customer agrees, and is played afterwards, side by side and in step.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from './lib/patience.mjs';
import { BLUE, isLike, RED } from './lib/pictures.mjs';
import { Person, browser } from './lib/people.mjs';
import { Server } from './lib/server.mjs';
import { Shop } from './lib/shop.mjs';

/** How far the pictures may be apart while they play. */
const APART_S_MAX = 0.25;

let server, shop, chrome;
before(async () => {
  server = await Server.start();
  shop = await Shop.open(server.url);
  await shop.ask('PATCH', '/v1/account', shop.owner, { recording: 'on_request' });
  chrome = await browser();
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

async function meet() {
  const call = await shop.live();
  const ana = await Person.with(chrome, 'Ana', { colour: RED });
  const marta = await Person.with(chrome, 'Marta', { colour: BLUE });
  await ana.openAsCustomer(shop, call);
  await marta.openAsShopper(shop, call);
  await Promise.all([ana.comeIn(), marta.comeIn()]);
  await Promise.all([ana.meets(), marta.meets()]);
  return { call, ana, marta };
}

test('a customer who says no is not recorded, and the call goes on', async () => {
  const { call, ana, marta } = await meet();
  await marta.button('Record the call').click();
  await ana.page.getByText('May this call be recorded?').waitFor();
  await ana.shoot('recording-asked');
  await ana.button('No, thank you').click();
  await marta.page.getByText('The customer does not want the call to be recorded').waitFor();
  await Promise.all([ana.meets(), marta.meets()]);
  const { state, items } = await shop.ask('GET', `/v1/calls/${call.id}/recordings`, shop.owner);
  assert.deepEqual({ state, items }, { state: 'off', items: [] });
  await shop.ask('POST', `/v1/calls/${call.id}/end`, shop.shopper.token, {});
  await Promise.all([ana.leave(), marta.leave()]);
});

test('a customer who says yes is recorded, sees it, and both are played in step', async () => {
  const { call, ana, marta } = await meet();
  await marta.button('Record the call').click();
  await ana.button('It may be recorded').click();
  for (const person of [ana, marta]) await person.page.locator('.recording').getByText('Recording').waitFor();
  await marta.shoot('recording-runs');
  const begun = await ana.counts();
  await until(async () => (await ana.counts()).frames > begun.frames + 80, 'some seconds of film');
  await shop.ask('POST', `/v1/calls/${call.id}/end`, shop.shopper.token, {});
  const list = await until(async () => {
    const found = await shop.ask('GET', `/v1/calls/${call.id}/recordings`, shop.owner);
    return found.items.length === 2 && found.items.every((one) => one.status === 'ready') ? found : null;
  }, 'both files are ready');
  assert.ok(list.items.every((one) => one.bytes > 1_000 && one.duration_ms > 2_000), JSON.stringify(list.items));

  await marta.open(`${shop.url}/recording/${call.id}`);
  const sides = marta.page.locator('.side video');
  await until(async () => (await sides.count()) === 2, 'two pictures');
  await marta.button('Play').click();
  const seen = () =>
    marta.page.evaluate(() =>
      [...document.querySelectorAll('.side')].map((side) => {
        const video = side.querySelector('video');
        const canvas = Object.assign(document.createElement('canvas'), { width: 16, height: 16 });
        const drawing = canvas.getContext('2d');
        if (video.videoWidth > 0) drawing.drawImage(video, 0, 0, 16, 16);
        return { kind: side.dataset.kind, time: video.currentTime, plays: !video.paused, colour: [...drawing.getImageData(8, 8, 1, 1).data].slice(0, 3) };
      }),
    );
  const offsets = Object.fromEntries(list.items.map((one) => [one.role, one.offset_ms / 1000]));
  const playing = await until(async () => {
    const now = await seen();
    return now.every((one) => one.plays && one.time > 0.7) ? now : null;
  }, 'both play');
  const [first, second] = playing.map((one) => one.time + offsets[one.kind]);
  assert.ok(Math.abs(first - second) < APART_S_MAX, `${first} and ${second} s`);
  for (const one of playing) assert.ok(isLike(one.colour, one.kind === 'customer' ? RED : BLUE), `${one.kind}: ${one.colour}`);
  await marta.shoot('recording-played');

  await marta.button('Pause').click();
  const target = Math.max(...list.items.map((one) => one.offset_ms)) + 1_200;
  await marta.page.getByRole('slider').fill(String(Math.round(target / 100) * 100));
  await until(async () => {
    const now = await seen();
    return now.every((one) => !one.plays && Math.abs(one.time + offsets[one.kind] - target / 1000) < 0.15) ? now : null;
  }, 'both are where was sought');
  assert.deepEqual(marta.errors, []);
  await Promise.all([ana.leave(), marta.leave()]);
});
