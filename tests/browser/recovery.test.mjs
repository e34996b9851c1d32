// What breaks comes back by itself: a page, a server, a socket, a narrow or UDP-less link.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { inCall, prepared } from './lib/meeting.mjs';
import { until } from './lib/patience.mjs';
import { BLUE, RED, sees } from './lib/pictures.mjs';
import { browser } from './lib/people.mjs';
import { Server } from './lib/server.mjs';
import { narrow, widen } from './lib/throttle.mjs';

/** A call is back this long after its server is. */
const BACK_WITHIN_MS = 45_000;

let chrome;
before(async () => (chrome = await browser()));
after(async () => chrome?.close());
// Whatever a test left, so that one that fails takes no other with it.
afterEach(async () => {
  widen();
  await Promise.all(chrome.contexts().map((context) => context.close()));
  await Server.stopAll();
});

/** Runs in the page: a network that lets no UDP through, so that the server's UDP candidates lead nowhere. */
function withoutUdp() {
  const real = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    const sdp = description.sdp.split('\r\n').filter((line) => !/^a=candidate:.* udp /i.test(line)).join('\r\n');
    return real.call(this, { ...description, type: description.type, sdp });
  };
}

/** Runs in the page: a browser that takes an answer when the test says so. */
function slowWithAnswers() {
  const real = RTCPeerConnection.prototype.setRemoteDescription;
  const told = new Promise((resolve) => (window.takeAnswers = resolve));
  RTCPeerConnection.prototype.setRemoteDescription = async function (description) {
    window.hasAnswer = true;
    await told;
    return real.call(this, description);
  };
}

test('what is told of the lines while an answer is taken is not undone by the answer', async () => {
  const { shop, call, ana, marta } = await prepared(chrome);
  await ana.context.addInitScript(slowWithAnswers);
  let isTold = false;
  ana.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => {
    const said = JSON.parse(String(payload));
    isTold ||= said.type === 'lines' && ['microphone', 'camera'].every((source) => said.lines.some((line) => line.source === source));
  }));
  await ana.openAsCustomer(shop, call);
  await marta.openAsShopper(shop, call);
  await ana.comeIn();
  await ana.page.waitForFunction(() => window.hasAnswer);
  await marta.comeIn();
  await until(() => isTold, 'who comes is told');
  await ana.page.evaluate(() => window.takeAnswers());
  await Promise.all([ana.meets(), marta.meets()]);
});

test('a page that is loaded anew is in the call again, without a question', async () => {
  const { shop, call, ana, marta } = await inCall(chrome);
  await ana.page.reload();
  await Promise.all([ana.meets(), marta.meets()]);
  await sees(marta, RED);
  await sees(ana, BLUE);
  const joined = (media) => media.participants.filter((one) => one.joined_at);
  const media = await shop.mediaWhen(call, (now) => joined(now).length === 3 && joined(now).filter((one) => !one.left_at).length === 2, 'nobody is there twice');
  assert.equal(joined(media).filter((one) => one.role === 'customer').length, 2, 'coming back is another presence');
});

test('a server that is killed and started again has everybody back by themselves', async () => {
  const { server, shop, call, ana, marta } = await inCall(chrome);
  await server.kill();
  await ana.page.getByText(/The connection was lost|Connecting again/).waitFor();
  await ana.shoot('call-lost');
  await server.run();
  const begun = Date.now();
  await Promise.all([ana.meets(1, BACK_WITHIN_MS), marta.meets(1, BACK_WITHIN_MS)]);
  console.log(`# back ${Date.now() - begun} ms after the server was ready`);
  await sees(ana, BLUE);
  await sees(marta, RED);
  const count = (all, type) => all.filter((event) => event.type === type).length;
  const events = await shop.historyWhen(call, (all) => count(all, 'media.participant_left') >= 2 && count(all, 'media.participant_joined') >= 4, 'the record shows the gap');
  const joined = events.filter((event) => event.type === 'media.participant_joined');
  assert.equal(joined.length, 4, 'two came, two came back');
  assert.ok(events.filter((event) => event.type === 'media.participant_left').every((event) => event.data.reason === 'server_shutdown' && event.data.corrected));
  // What was said goes on too.
  await ana.page.locator('[data-name=chat]').click();
  await ana.page.getByLabel('Write a message').fill('Still here');
  await ana.page.keyboard.press('Enter');
  await marta.button('Chat, one new message').waitFor();
});

test('a socket that is lost leaves the pictures running, and comes back', async () => {
  const { ana, marta } = await inCall(chrome);
  const before = await ana.receives();
  await ana.context.setOffline(true);
  await ana.page.getByText(/Connecting again|The connection was lost/).waitFor({ timeout: 60_000 });
  await ana.context.setOffline(false);
  await ana.meets(1, BACK_WITHIN_MS);
  await marta.meets(1, BACK_WITHIN_MS);
  assert.equal((await ana.receives())[0].participant, before[0].participant, 'the shopper is still the same presence');
  // Who comes afterwards is told to the connection that came back.
  await marta.page.reload();
  await until(async () => (await ana.receives()).some((one) => one.participant !== before[0].participant), 'the shopper is another presence');
  await ana.meets();
});

test('another network is another way of the same presence', async () => {
  const { shop, call, ana, marta } = await inCall(chrome);
  const fragment = () => ana.page.evaluate(() => window.connections.at(-1).currentLocalDescription.sdp.match(/a=ice-ufrag:(\S+)/)[1]);
  const before = await fragment();
  await ana.page.evaluate(() => dispatchEvent(new Event('online')));
  await until(async () => (await fragment()) !== before, 'an ICE restart');
  await Promise.all([ana.meets(), marta.meets()]);
  assert.equal(await ana.page.evaluate(() => window.connections.length), 1, 'no second connection');
  const media = await shop.mediaWhen(call, ({ participants }) => participants.filter((one) => one.joined_at).length >= 2, 'both are in the record');
  assert.equal(media.participants.length, 2, 'nobody left and came back');
});

test('a page that crashes leaves the call, and the record says how', async () => {
  const { shop, call, ana, marta } = await inCall(chrome);
  const crashing = await ana.context.newCDPSession(ana.page);
  void crashing.send('Page.crash').catch(() => undefined);
  await marta.page.locator('.picture[data-participant]').waitFor({ state: 'detached', timeout: 60_000 });
  await marta.shoot('call-alone');
  const isLeft = (event) => event.type === 'media.participant_left';
  const left = (await shop.historyWhen(call, (events) => events.some(isLeft), 'it is in the record')).find(isLeft);
  assert.ok(['connection_timeout', 'media_failure'].includes(left.data.reason), left.data.reason);
});

test('a way without UDP is a way', async () => {
  const probe = await Server.start();
  const tcp = probe.media;
  await probe.stop();
  const { ana, marta } = await inCall(chrome, { VITRINA_MEDIA_TCP_LISTEN: `127.0.0.1:${tcp}` }, withoutUdp);
  await sees(ana, BLUE);
  await sees(marta, RED);
  const used = await ana.page.evaluate(async () => {
    const protocols = [];
    for (const pc of window.connections) {
      for (const entry of (await pc.getStats()).values()) if (entry.type === 'remote-candidate') protocols.push(entry.protocol);
    }
    return [...new Set(protocols)];
  });
  assert.deepEqual(used, ['tcp']);
});

test('on a narrow link the picture grows smaller and goes on, and grows again', async () => {
  const { ana, marta } = await inCall(chrome);
  await until(async () => (await ana.counts()).width >= 640, 'a large picture');
  narrow('700kbit');
  const small = await until(async () => {
    const { width } = await ana.counts();
    const [one] = await ana.receives();
    return one && one.width > 0 && one.width < 640 ? { width, shown: one.width } : null;
  }, 'a smaller picture');
  await ana.meets(1);
  console.log(`# ${small.shown} px wide at 700 kbit/s`);
  widen();
  await until(async () => (await ana.receives())[0]?.width > small.shown, 'a larger picture again', 60_000);
  await marta.meets();
});
