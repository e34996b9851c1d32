// Every page of the way, and every failure: what it says and how it is used. Without a working camera, too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { until } from './lib/patience.mjs';
import { Person, browser } from './lib/people.mjs';
import { Server } from './lib/server.mjs';
import { Shop, SHOPPER } from './lib/shop.mjs';

const AXE = readFileSync(new URL('./node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

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

/** Nothing that keeps somebody from reading or using the page (WCAG 2.2 AA). */
async function accessible(person, what) {
  await person.page.evaluate(AXE);
  const found = await person.page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  const told = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} (${node.failureSummary?.split('\n')[1]?.trim()})`).join('; ')}`);
  assert.deepEqual(told, [], what);
}

test('from the link to the queue, in light and dark, with nothing that axe finds', async () => {
  await shop.request({ customer: { name: 'Somebody before', email: 'before@example.com' } });
  for (const colorScheme of ['light', 'dark']) {
    const call = await shop.request();
    const ana = await Person.with(chrome, 'Ana', { colour: 'rgb(150, 60, 70)', colorScheme, reducedMotion: 'reduce' });
    await ana.openAsCustomer(shop, call);
    await ana.button('Continue with camera').waitFor();
    await ana.shoot(`ready-${colorScheme}`);
    await accessible(ana, `ready, ${colorScheme}`);
    await ana.button('Continue with camera').click();
    await ana.button('Join the call').waitFor();
    await ana.shoot(`preview-${colorScheme}`);
    await accessible(ana, `preview, ${colorScheme}`);
    await ana.button('Join the call').click();
    await ana.page.getByText('Your place in the queue').waitFor();
    await ana.shoot(`waiting-${colorScheme}`);
    await accessible(ana, `waiting, ${colorScheme}`);
    await shop.ask('POST', `/v1/calls/${call.id}/claim`, shop.shopper.token, {});
    await ana.page.getByText('Marta Soler is on the way').waitFor();
    await ana.shoot(`claimed-${colorScheme}`);
    await shop.ask('POST', `/v1/calls/${call.id}/start`, shop.shopper.token, {});
    await ana.page.locator('.stage').waitFor();
    await accessible(ana, `call, ${colorScheme}`);
    for (const panel of ['chat', 'products', 'people', 'devices']) {
      await ana.page.locator(`[data-name=${panel}]`).click();
      await ana.page.locator('.panel h2').waitFor();
      await accessible(ana, `${panel}, ${colorScheme}`);
    }
    await shop.ask('POST', `/v1/calls/${call.id}/end`, shop.shopper.token, {});
    await ana.page.getByText('Two questions').waitFor();
    await accessible(ana, `survey, ${colorScheme}`);
    await ana.leave();
  }
});

test('axe finds what is wrong where something is', async () => {
  const page = await Person.with(chrome, 'Nobody');
  await page.page.setContent('<button></button><p style="color: #bbb; background: #fff">too pale</p>');
  await assert.rejects(accessible(page, 'a bad page'), /button-name[^]*color-contrast/);
  await page.leave();
});

test('consent is asked in the words of the shop, and recorded before anybody is connected', async () => {
  const texts = { en: 'I agree to be seen and heard.', es: 'Acepto que me vean y me oigan.' };
  const rule = { mode: 'required', text_version: '2026-11', privacy_url: 'https://maison.example/privacy', texts };
  await shop.ask('PATCH', '/v1/account', shop.owner, { consent: rule });
  const call = await shop.live();
  const ana = await Person.with(chrome, 'Ana', { locale: 'es-ES' });
  await ana.openAsCustomer(shop, call);
  await ana.button('Continuar con cámara').click();
  const box = ana.page.getByLabel('Acepto que me vean y me oigan.');
  await box.waitFor();
  await ana.shoot('consent');
  await accessible(ana, 'consent');
  await ana.button('Entrar en la llamada').click();
  assert.equal(await ana.page.locator('.stage').count(), 0, 'nobody is let in without it');
  await box.check();
  await ana.button('Entrar en la llamada').click();
  await ana.page.locator('.stage').waitFor();
  const events = await shop.historyWhen(call, (all) => all.some((event) => event.type === 'media.participant_joined'), 'the customer is connected');
  const types = events.map((event) => event.type);
  assert.ok(types.indexOf('consent.given') < types.indexOf('media.participant_joined') && types.includes('consent.given'));
  assert.deepEqual(events.find((event) => event.type === 'consent.given').data, { kind: 'terms', text_version: '2026-11', locale: 'es' });
  await shop.ask('PATCH', '/v1/account', shop.owner, { consent: { mode: 'off' } });
  await ana.leave();
});

test('a refused permission is explained, told to the server, and no end of the call', async () => {
  const call = await shop.live();
  const ana = await Person.with(chrome, 'Ana', { devices: [] });
  await ana.context.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException('Permission denied', 'NotAllowedError');
    };
  });
  await ana.openAsCustomer(shop, call);
  await ana.button('Continue with camera').click();
  await ana.page.getByText('Camera and microphone are not available.').waitFor();
  await ana.shoot('failure-permission');
  await accessible(ana, 'permission refused');
  await ana.button('Join the call').click();
  await ana.page.locator('.stage').waitFor();
  const isFailure = (event) => event.type === 'media.join_failed';
  const failures = (await shop.historyWhen(call, (all) => all.some(isFailure), 'the failure is in the record')).filter(isFailure);
  const reasons = failures.map((event) => event.data.reason);
  assert.ok(reasons.every((reason) => reason === 'permission_denied'), reasons.join());
  await ana.leave();
});

test('a camera that another program has costs the camera only', async () => {
  const call = await shop.request();
  const ana = await Person.with(chrome, 'Ana');
  await ana.context.addInitScript(() => {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      if (wanted.video) throw new DOMException('Could not start video source', 'NotReadableError');
      return real(wanted);
    };
  });
  await ana.openAsCustomer(shop, call);
  await ana.button('Continue with camera').click();
  await ana.page.getByText('Another program is using it.').waitFor();
  await ana.button('Mute').waitFor();
  await ana.shoot('failure-camera');
  await ana.leave();
});

test('links that open nothing say so', async () => {
  const ana = await Person.with(chrome, 'Ana');
  await ana.open(`${shop.url}/call/018f0000-0000-7000-8000-000000000000#token=nothing`);
  await ana.page.getByText('This link opens nothing any more').waitFor();
  await ana.shoot('trouble-link');
  await accessible(ana, 'a dead link');
  await ana.leave();
});

test('a customer who does not want to wait any more leaves the queue', async () => {
  const call = await shop.request();
  const ana = await Person.with(chrome, 'Ana');
  await ana.openAsCustomer(shop, call);
  await ana.comeIn();
  await ana.button('Leave the queue').click();
  await ana.page.getByText('The call was cancelled').waitFor();
  await ana.shoot('over-cancelled');
  await ana.leave();
});

test('a shopper signs in on the page, by keyboard alone, and a wrong password is said', async () => {
  const call = await shop.request();
  const marta = await Person.with(chrome, 'Marta', { colour: 'rgb(40, 90, 120)' });
  await marta.open(`${shop.url}/call/${call.id}#staff`);
  await marta.page.getByLabel('E-mail').waitFor();
  await marta.shoot('sign-in');
  await accessible(marta, 'sign in');
  await marta.page.keyboard.press('Tab');
  await marta.page.keyboard.type(SHOPPER.email);
  await marta.page.keyboard.press('Tab');
  await marta.page.keyboard.type('not the password');
  await marta.page.keyboard.press('Enter');
  await marta.page.getByRole('alert').getByText('Signing in failed').waitFor();
  await marta.page.getByLabel('Password').fill(SHOPPER.password);
  await marta.page.keyboard.press('Enter');
  const press = async (name) => {
    const button = marta.button(name);
    await button.waitFor();
    await until(async () => {
      await marta.page.keyboard.press('Tab');
      return button.evaluate((element) => element === document.activeElement);
    }, `${name} is reached by keyboard`);
    await marta.page.keyboard.press('Enter');
  };
  await press('Continue with camera');
  await marta.button('Take this call').waitFor();
  await marta.shoot('ready-shopper');
  await press('Take this call');
  await press('Start the call');
  await marta.page.locator('.stage').waitFor();
  await press('Chat');
  // The button says the same word as the panel's heading.
  await until(() => marta.page.evaluate(() => document.activeElement?.id === 'panel-title'), 'the panel has the focus');
  await marta.page.keyboard.press('Escape');
  await until(() => marta.page.evaluate(() => document.activeElement?.dataset.name === 'chat'), 'the button has it back');
  await shop.ask('POST', `/v1/calls/${call.id}/end`, marta.name && shop.shopper.token, {});
  await marta.leave();
});

test('a colleague who comes too late is told', async () => {
  const call = await shop.live();
  const late = await shop.hire({ email: `late${Date.now()}@example.com`, password: 'walking boots, size 41', name: 'Pau' });
  const pau = await Person.with(chrome, 'Pau');
  await pau.openAsShopper(shop, call, late);
  await pau.page.getByText('A colleague has taken this call').waitFor();
  await pau.leave();
});

test('the page speaks the four languages, and remembers the choice', async () => {
  const call = await shop.request();
  const words = { en: 'Ready when you are', es: 'Cuando usted quiera', pt: 'Quando você quiser', ca: 'Quan vulgueu' };
  for (const [locale, title] of Object.entries(words)) {
    const ana = await Person.with(chrome, 'Ana', { locale });
    await ana.openAsCustomer(shop, call);
    await ana.page.getByRole('heading', { name: title }).waitFor();
    assert.equal(await ana.page.evaluate(() => document.documentElement.lang), locale);
    await ana.shoot(`ready-${locale}`);
    await ana.page.locator('.tongue select').selectOption('ca');
    await ana.page.getByRole('heading', { name: words.ca }).waitFor();
    await ana.page.reload();
    await ana.page.getByRole('heading', { name: words.ca }).waitFor();
    await ana.leave();
  }
});

test('customers whose shopper is lost are told so, each in their own language, and keep their place', async () => {
  await shop.ask('PATCH', '/v1/account', shop.owner, { routing: { reconnect_grace_s: 1 } });
  const words = {
    en: 'The connection of the person who was attending to you is lost.',
    es: 'Se ha perdido la conexión de la persona que le atendía.',
    pt: 'A conexão da pessoa que o atendia caiu.',
    ca: "S'ha perdut la connexió de la persona que us atenia.",
  };
  const floor = await Person.with(chrome, 'Four at work');
  await floor.open(`${shop.url}/`);
  const customers = [];
  for (const locale of Object.keys(words)) {
    const shopper = await shop.hire({ email: `nora-${locale}@example.com`, password: SHOPPER.password, name: 'Nora Puig' });
    await floor.page.evaluate(atWork, shopper.token);
    const call = await shop.request({ customer: { name: 'Ana Ribera', email: 'ana@example.com', language: locale } });
    await shop.ask('POST', `/v1/calls/${call.id}/claim`, shopper.token, {});
    await shop.ask('POST', `/v1/calls/${call.id}/start`, shopper.token, {});
    const text = (key) => new RegExp(`^${key} = (.*)$`, 'm').exec(readFileSync(new URL(`../../web/texts/${locale}.ftl`, import.meta.url), 'utf8'))[1];
    const ana = await Person.with(chrome, 'Ana', { locale, colour: 'rgb(150, 60, 70)' });
    await ana.openAsCustomer(shop, call);
    await ana.button(text('permission-allow')).click();
    await ana.button(text('come-in-start')).or(ana.button(text('come-in-join'))).click();
    await ana.page.locator('.stage').waitFor();
    customers.push({ ana, locale, heading: new RegExp(`${text('waiting-next')}|${text('waiting-place')}`) });
  }
  // All four of them at once.
  await floor.leave();
  for (const { ana, locale, heading } of customers) {
    await ana.page.getByText(words[locale]).waitFor();
    await ana.page.getByRole('heading', { name: heading }).waitFor();
    await ana.shoot(`shopper-lost-${locale}`);
    if (locale === 'ca') await accessible(ana, 'the shopper is lost');
    await ana.leave();
  }
  await shop.ask('PATCH', '/v1/account', shop.owner, { routing: { reconnect_grace_s: 30 } });
});

/** Runs in a page: a shopper follows the own work, and is there as long as the page is. */
function atWork(token) {
  return new Promise((done, failed) => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/v1/live`, ['vitrina.v1', `bearer.${token}`]);
    socket.onerror = () => failed(new Error('no live connection'));
    socket.onmessage = ({ data }) => {
      const { type } = JSON.parse(data);
      if (type === 'welcome') socket.send(JSON.stringify({ type: 'subscribe', id: 'work', topic: 'work' }));
      if (type === 'caught_up' || type === 'subscribed') done();
    };
  });
}

test('the floor lists who waits and makes a private call', async () => {
  const marta = await Person.with(chrome, 'Marta');
  await marta.open(`${shop.url}/`);
  await marta.page.getByLabel('E-mail').fill(SHOPPER.email);
  await marta.page.getByLabel('Password').fill(SHOPPER.password);
  await marta.button('Sign in').click();
  await marta.page.getByRole('heading', { name: 'The floor' }).waitFor();
  await shop.request({ product: { sku: 'coat', name: 'Camel coat' } });
  await marta.page.locator('section').first().getByText('Camel coat').waitFor();
  await marta.shoot('floor');
  await accessible(marta, 'the floor');
  await marta.page.getByText('A private call').click();
  await marta.page.getByLabel("Customer's name").fill('Clara');
  await marta.page.getByLabel("Customer's e-mail").fill('clara@example.com');
  await marta.button('Make a call').click();
  await marta.page.waitForURL(/\/call\//);
  await marta.leave();
});
