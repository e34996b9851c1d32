// Two people have a whole call, and then three: by the buttons of the page alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { during, until } from './lib/patience.mjs';
import { BLUE, GREEN, RED, sees, YELLOW } from './lib/pictures.mjs';
import { Person, browser } from './lib/people.mjs';
import { Server } from './lib/server.mjs';
import { BOOTS, Shop } from './lib/shop.mjs';

let server, shop, chrome;
before(async () => {
  server = await Server.start();
  shop = await Shop.open(server.url);
  chrome = await browser();
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

/** Ana in red waits, Marta in blue takes the call and starts it, each on a page of their own. */
async function meet(request = {}) {
  const call = await shop.request(request);
  const ana = await Person.with(chrome, 'Ana', { colour: RED });
  const marta = await Person.with(chrome, 'Marta', { colour: BLUE });
  await ana.openAsCustomer(shop, call);
  await ana.comeIn();
  await ana.page.getByText('You are next').waitFor();
  await marta.openAsShopper(shop, call);
  await marta.comeIn();
  await marta.button('Start the call').click();
  await Promise.all([ana.meets(), marta.meets()]);
  return { call, ana, marta };
}

test('two people see and hear each other, and each the right one', async () => {
  const { call, ana, marta } = await meet();
  await sees(ana, BLUE);
  await sees(marta, RED);
  assert.equal((await ana.receives())[0].kind, 'shopper');
  assert.equal((await marta.receives())[0].kind, 'customer');
  await ana.page.getByText('Marta Soler').first().waitFor();
  await marta.page.getByText('Ana Ribera').first().waitFor();
  await ana.shoot('call-customer');
  await marta.shoot('call-shopper');

  const media = await shop.mediaWhen(call, ({ participants }) => participants.filter((one) => one.joined_at && !one.left_at).length === 2, 'two are there');
  assert.deepEqual([...new Set(media.participants.map((one) => one.role))].sort(), ['customer', 'shopper']);
  assert.deepEqual([ana.errors, marta.errors], [[], []]);
  await Promise.all([ana.leave(), marta.leave()]);
});

test('mute is silence on the other side, and is shown; unmute ends it', async () => {
  const { ana, marta } = await meet();
  await ana.button('Mute').click();
  await marta.page.locator('.picture[data-participant] figcaption .icon').waitFor();
  // What was on its way when it was muted is still heard; then nothing is.
  const silent = await until(async () => {
    const before = await marta.counts();
    await during(800, async () => undefined);
    return (await marta.counts()).energy - before.energy < 1e-6;
  }, 'nothing is heard');
  assert.ok(silent);
  const still = await marta.counts();
  await marta.shoot('call-muted');
  await ana.button('Unmute').click();
  await until(async () => (await marta.counts()).energy > still.energy + 1e-3, 'the sound is back');
  await Promise.all([ana.leave(), marta.leave()]);
});

test('a camera that is switched off is a letter on the other side, and comes back', async () => {
  const { call, ana, marta } = await meet();
  await marta.button('Switch camera off').click();
  await ana.page.locator('.picture[data-participant] .initial').waitFor();
  await ana.shoot('call-camera-off');
  await marta.button('Switch camera on').click();
  await ana.page.locator('.picture[data-participant] .initial').waitFor({ state: 'detached' });
  await sees(ana, BLUE);
  const turns = ['media.camera_off', 'media.camera_on'];
  await shop.historyWhen(call, (all) => turns.every((type) => all.some((event) => event.type === type)), 'off and on are in the record');
  await Promise.all([ana.leave(), marta.leave()]);
});

test('a shopper shares a screen, a customer cannot', async () => {
  const { ana, marta } = await meet();
  assert.equal(await ana.button('Share your screen').count(), 0);
  await marta.button('Share your screen').click();
  await ana.page.locator('.picture.screen video').waitFor();
  await sees(ana, YELLOW, '.picture.screen video');
  await sees(ana, BLUE);
  await ana.shoot('call-screen-customer');
  await marta.shoot('call-screen-shopper');
  await marta.button('Stop sharing').first().click();
  await ana.page.locator('.picture.screen').waitFor({ state: 'detached' });
  await sees(ana, BLUE);
  await Promise.all([ana.leave(), marta.leave()]);
});

test('they write, hand over a file, show a product, fill the bag, end, and the customer answers', async () => {
  const { call, ana, marta } = await meet();
  await ana.button('Chat').click();
  await ana.page.getByLabel('Write a message').fill('Are they waterproof?');
  await ana.page.keyboard.press('Enter');
  await marta.button('Chat, one new message').click();
  await marta.page.getByText('Are they waterproof?').waitFor();
  await marta.page.getByLabel('Write a message').fill('They are.');
  await ana.page.getByText('Writing…').waitFor();
  await marta.button('Send').last().click();
  await ana.page.getByText('They are.').waitFor();
  await marta.page.locator('input[type=file]').setInputFiles({ name: 'care.txt', mimeType: 'text/plain', buffer: Buffer.from('Brush, then wax.') });
  const file = ana.page.getByRole('button', { name: /care\.txt/ });
  await file.waitFor();
  const [download] = await Promise.all([ana.page.waitForEvent('download'), file.click()]);
  assert.equal((await (await download.createReadStream()).toArray()).join(''), 'Brush, then wax.');
  await ana.shoot('call-chat');

  await marta.page.locator('[data-name=products]').click();
  await marta.button('Show to the customer').first().click();
  await ana.page.locator('.panel').getByRole('button', { name: 'Close' }).click();
  await ana.shoot('call-highlight');
  const card = ana.page.locator('.highlight');
  await card.getByRole('button', { name: 'One more' }).click();
  await card.getByRole('button', { name: 'Add to bag' }).click();
  await marta.page.locator('.line output').getByText('2').waitFor();
  await ana.page.locator('[data-name=products]').click();
  await ana.page.locator('.line').getByRole('button', { name: 'One less' }).click();
  await marta.page.locator('.line output').getByText('1').waitFor();
  await ana.shoot('call-products-customer');
  await marta.shoot('call-products-shopper');

  await ana.page.locator('[data-name=people]').click();
  await ana.page.locator('.people').getByText('Marta Soler').waitFor();
  await ana.shoot('call-people');
  await ana.button('End the call').click();
  await ana.shoot('call-ending');
  await ana.page.getByRole('dialog').getByRole('button', { name: 'End the call' }).click();
  await marta.page.getByText('The call has ended').waitFor();
  await marta.shoot('over-shopper');
  await ana.page.getByRole('radio', { name: '9', exact: true }).check();
  await ana.page.getByRole('radio', { name: 'Satisfied', exact: true }).check();
  await ana.page.getByRole('textbox').fill('Marta was wonderful.');
  await ana.shoot('survey');
  await ana.button('Send').click();
  await ana.page.getByText('Thank you').waitFor();
  await ana.shoot('thanks');

  const wanted = ['call.claimed', 'call.started', 'media.session_opened', 'media.participant_joined', 'media.track_published', 'product.shown', 'cart.item_added', 'cart.item_updated', 'call.ended', 'survey.answered', 'media.session_closed'];
  const events = await shop.historyWhen(call, (all) => wanted.every((type) => all.some((event) => event.type === type)), `the record has ${wanted.join(', ')}`);
  const names = events.map((event) => event.type);
  assert.equal(names.filter((name) => name === 'media.participant_joined').length, 2);
  assert.equal(names.filter((name) => name === 'media.participant_left').length, 2);
  assert.deepEqual([ana.errors, marta.errors], [[], []]);
  await Promise.all([ana.leave(), marta.leave()]);
});

/** Runs in the page: a browser that is too busy to paint, and does so when the test says so. */
function paintsLate() {
  const [frame, after] = [window.requestAnimationFrame, window.setTimeout];
  const held = [];
  let isHolding = true;
  window.paint = () => new Promise((resolve) => {
    isHolding = false;
    held.splice(0).forEach((paint) => paint(performance.now()));
    // Behind what each of them leaves for after its frame.
    after(resolve);
  });
  window.requestAnimationFrame = (paint) => (isHolding ? held.push(paint) : frame.call(window, paint));
  // What should not wait longer for a frame than some milliseconds.
  window.setTimeout = (run, ms, ...more) => (isHolding && ms > 0 && ms < 100 ? held.push(run) : after.call(window, run, ms, ...more));
}

test('who writes before the page has painted the chat writes there to the end', async () => {
  const { ana, marta } = await meet();
  await ana.page.evaluate(paintsLate);
  await ana.page.evaluate(() => document.querySelector('[data-name=chat]').click());
  await ana.page.waitForFunction(() => document.querySelector('.writing textarea'), null, { polling: 50 });
  await ana.page.evaluate(() => document.querySelector('.writing textarea').focus());
  await ana.page.keyboard.insertText('Still here');
  await ana.page.evaluate(() => window.paint());
  await ana.page.keyboard.press('Enter');
  await marta.button('Chat, one new message').waitFor();
  await Promise.all([ana.leave(), marta.leave()]);
});

test('the other camera is another picture of the same person, and is in the record', async () => {
  const { call, ana, marta } = await meet();
  const before = await ana.page.evaluate(() => document.querySelector('.picture.self video').srcObject.getVideoTracks()[0].getSettings().deviceId);
  await ana.button('Other camera').click();
  await until(
    async () => (await ana.page.evaluate(() => document.querySelector('.picture.self video')?.srcObject.getVideoTracks()[0].getSettings().deviceId)) !== before,
    'another camera',
  );
  await marta.meets();
  await sees(marta, RED);
  await until(async () => (await shop.history(call)).some((event) => event.type === 'media.camera_switched'), 'it is in the record');
  await Promise.all([ana.leave(), marta.leave()]);
});

test('the picture stays above other windows when the customer wants it', async () => {
  const { ana, marta } = await meet();
  await ana.button('Picture in picture').click();
  await until(() => ana.page.evaluate(() => document.pictureInPictureElement?.closest('.picture')?.dataset.kind === 'shopper'), 'the shopper floats');
  assert.equal(await marta.button('Picture in picture').count(), 0);
  await Promise.all([ana.leave(), marta.leave()]);
});

test('of a product with sizes the customer chooses one', async () => {
  const { call, ana, marta } = await meet();
  const variants = [{ sku: 'coat-38', name: '38' }, { sku: 'coat-40', name: '40', price: { amount: 89000, currency: 'EUR' } }];
  await shop.ask('POST', `/v1/calls/${call.id}/products`, shop.shopper.token, { sku: 'coat', name: 'Camel coat', price: { amount: 84500, currency: 'EUR' }, variants });
  const card = ana.page.locator('.highlight');
  await card.getByLabel('Size or colour').selectOption({ label: '40' });
  await card.getByText('€890.00').waitFor();
  await ana.shoot('call-variants');
  await card.getByRole('button', { name: 'Add to bag' }).click();
  await ana.page.getByText('Camel coat, 40 is in your bag').waitFor();
  const cart = await shop.ask('GET', `/v1/calls/${call.id}/cart`, call.token);
  assert.deepEqual(cart.items.map(({ sku, name, quantity, unit_price }) => ({ sku, name, quantity, unit_price })), [
    { sku: 'coat-40', name: 'Camel coat, 40', quantity: 1, unit_price: { amount: 89000, currency: 'EUR' } },
  ]);
  await Promise.all([ana.leave(), marta.leave()]);
});

test('a colleague joins, and all three see the right two', async () => {
  const { call, ana, marta } = await meet();
  const julia = await shop.hire({ email: `julia${Date.now()}@example.com`, password: 'walking boots, size 41', name: 'Júlia Puig' });
  await shop.ask('POST', `/v1/calls/${call.id}/invite`, shop.shopper.token, { shopper_id: julia.id });
  const third = await Person.with(chrome, 'Júlia', { colour: GREEN });
  await third.openAsShopper(shop, call, julia);
  await third.comeIn();
  await Promise.all([ana.meets(2), marta.meets(2), third.meets(2)]);
  const tiles = (person) => person.page.locator('.picture[data-participant]:not(.screen)');
  for (const person of [ana, marta, third]) await until(async () => (await tiles(person).count()) === 2, `${person.name} sees two`);
  await ana.shoot('call-three');
  await third.leave();
  await until(async () => (await tiles(ana).count()) === 1, 'Júlia has gone');
  await sees(ana, BLUE);
  await Promise.all([ana.leave(), marta.leave()]);
});

test('a link that was copied lets the customer in on another device', async () => {
  const { ana, marta } = await meet();
  await marta.context.grantPermissions(['camera', 'microphone', 'clipboard-read', 'clipboard-write']);
  await marta.page.locator('[data-name=people]').click();
  await marta.button('Copy the link').click();
  await marta.page.getByText('The link has been copied').waitFor();
  const url = await marta.page.evaluate(() => navigator.clipboard.readText());
  const phone = await Person.with(chrome, 'Ana on a phone', { colour: GREEN, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await phone.open(url);
  await phone.comeIn();
  await phone.meets(1);
  await phone.shoot('call-phone');
  assert.ok(!phone.page.url().includes('token'), 'the token stays out of the address bar');
  await Promise.all([ana.leave(), marta.leave(), phone.leave()]);
});

test('what is asked of the network is the server alone', async () => {
  const call = await shop.live({ product: { ...BOOTS } });
  const ana = await Person.with(chrome, 'Ana', { colour: RED });
  const hosts = new Set();
  ana.page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  await ana.openAsCustomer(shop, call);
  await ana.comeIn();
  await ana.page.locator('.stage').waitFor();
  const outside = [...hosts].filter((origin) => origin !== server.url && origin !== 'null');
  assert.deepEqual(outside, []);
  await ana.leave();
});
