// Pictures on ways and in codecs that are not the usual ones: packets are lost, a TURN server relays, somebody has no VP8.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { inCall, prepared } from './lib/meeting.mjs';
import { until } from './lib/patience.mjs';
import { BLUE, RED, isLike, sees } from './lib/pictures.mjs';
import { browser } from './lib/people.mjs';
import { LossyRelay, Turn } from './lib/relay.mjs';
import { Server, freePort } from './lib/server.mjs';

/** Nothing here takes this long, on a busy machine either. */
const WITHIN_MS = 60_000;

let chrome;
before(async () => (chrome = await browser()));
after(async () => chrome?.close());
afterEach(async () => {
  await Promise.all(chrome.contexts().map((context) => context.close()));
  await Server.stopAll();
  LossyRelay.stopAll();
  await Turn.stopAll();
});

/** What WebRTC says of the connection: entries of these types, of every connection of the page. */
async function reported(person, ...types) {
  return person.page.evaluate(async (types) => {
    const found = [];
    for (const pc of window.connections) {
      if (pc.connectionState === 'closed') continue;
      const all = await pc.getStats();
      for (const entry of all.values()) if (types.includes(entry.type)) found.push({ ...entry, mime: all.get(entry.codecId)?.mimeType });
    }
    return found;
  }, types);
}

test('of twenty packets one is lost: it is asked for again, and pictures go on', async () => {
  const port = await freePort();
  const call = await prepared(chrome, { VITRINA_MEDIA_LISTEN: `127.0.0.1:${port}`, VITRINA_MEDIA_ANNOUNCE: '127.0.0.2' });
  const relay = await LossyRelay.start({ address: '127.0.0.2', port }, { address: '127.0.0.1', port }, 20);
  const { shop, ana, marta } = call;
  await ana.openAsCustomer(shop, call.call);
  await marta.openAsShopper(shop, call.call);
  await Promise.all([ana.comeIn(), marta.comeIn()]);
  await Promise.all([ana.meets(1, WITHIN_MS), marta.meets(1, WITHIN_MS)]);
  const begun = (await ana.counts()).frames;
  const sum = (entries, name) => entries.reduce((all, entry) => all + (entry[name] ?? 0), 0);
  const counted = await until(async () => {
    const all = (await reported(ana, 'inbound-rtp', 'outbound-rtp')).filter((entry) => entry.kind === 'video');
    const [inward, outward] = ['inbound-rtp', 'outbound-rtp'].map((type) => all.filter((entry) => entry.type === type));
    const counts = {
      frames: (await ana.counts()).frames - begun,
      asked: sum(inward, 'nackCount'),
      had: sum(inward, 'retransmittedPacketsReceived'),
      wasAsked: sum(outward, 'nackCount'),
      gave: sum(outward, 'retransmittedPacketsSent'),
    };
    return counts.frames > 150 && counts.asked > 0 && counts.had > 0 && counts.wasAsked > 0 && counts.gave > 0 ? counts : null;
  }, 'pictures go on, and what was lost is had again both ways', WITHIN_MS);
  await sees(ana, BLUE);
  await sees(marta, RED);
  console.log(`# ${relay.lost} of ${relay.passed} packets lost; ${JSON.stringify(counted)}`);
});

test('where nothing but a relay is a way, the TURN server is it', { skip: Turn.missing }, async () => {
  const [port, secret] = [await freePort(), 'north-by-northwest'];
  await Turn.start(port, secret);
  const options = { VITRINA_MEDIA_TURN_URLS: `turn:127.0.0.1:${port}`, VITRINA_MEDIA_TURN_SECRET: secret };
  const { ana, marta } = await inCall(chrome, options, () => {
    const Real = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Real {
      constructor(given) {
        super({ ...given, iceTransportPolicy: 'relay' });
      }
    };
  });
  await sees(ana, BLUE);
  await sees(marta, RED);
  for (const person of [ana, marta]) {
    const all = await reported(person, 'local-candidate', 'candidate-pair');
    const used = all.filter((pair) => pair.type === 'candidate-pair' && pair.state === 'succeeded').map((pair) => all.find((one) => one.id === pair.localCandidateId));
    assert.ok(used.length > 0 && used.every((one) => one.candidateType === 'relay'), JSON.stringify(used));
  }
});

// Which layer then comes is tried with scripted clients: a browser on a busy machine sends the small one only.
test('how large a picture is shown is told, so that no larger one comes', async () => {
  const { shop, call, ana, marta } = await prepared(chrome);
  const told = [];
  ana.page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const said = JSON.parse(payload);
      if (said.type === 'show') told.push(said.size);
    });
  });
  await ana.openAsCustomer(shop, call);
  await marta.openAsShopper(shop, call);
  await Promise.all([ana.comeIn(), marta.comeIn()]);
  await Promise.all([ana.meets(1, WITHIN_MS), marta.meets(1, WITHIN_MS)]);
  await until(() => told.at(-1) === 'large', 'it is shown large', WITHIN_MS);
  await ana.page.setViewportSize({ width: 200, height: 200 });
  await until(() => told.at(-1) === 'small', 'it is shown small', WITHIN_MS);
  await ana.meets(1, WITHIN_MS);
  await ana.page.setViewportSize({ width: 1280, height: 800 });
  await until(() => told.at(-1) === 'large', 'it is shown large again', WITHIN_MS);
  assert.deepEqual(ana.errors, []);
});

test('one without VP8 sees and is seen in H.264, by one who had begun in VP8', async (t) => {
  const { shop, call, ana, marta } = await prepared(chrome);
  await shop.ask('PATCH', '/v1/account', shop.owner, { recording: 'on_request' });
  await ana.context.addInitScript(() => {
    const real = RTCPeerConnection.prototype.addTransceiver;
    RTCPeerConnection.prototype.addTransceiver = function (track, options) {
      const made = real.call(this, track, options);
      const codecs = RTCRtpReceiver.getCapabilities('video').codecs.filter((codec) => /H264|rtx/.test(codec.mimeType));
      if (made.receiver.track.kind === 'video') made.setCodecPreferences(codecs);
      return made;
    };
  });
  await marta.openAsShopper(shop, call);
  await marta.comeIn();
  await until(async () => (await reported(marta, 'outbound-rtp')).some((entry) => entry.mime === 'video/VP8'), 'Marta sends VP8', WITHIN_MS);
  await ana.openAsCustomer(shop, call);
  if (!(await ana.page.evaluate(() => RTCRtpSender.getCapabilities('video').codecs.some((codec) => codec.mimeType === 'video/H264')))) {
    t.skip('this browser has no H.264');
    return;
  }
  await ana.comeIn();
  await Promise.all([ana.meets(1, WITHIN_MS), marta.meets(1, WITHIN_MS)]);
  await sees(ana, BLUE);
  await sees(marta, RED);
  for (const person of [ana, marta]) {
    const coded = (await reported(person, 'inbound-rtp')).filter((entry) => entry.kind === 'video' && entry.framesDecoded > 0);
    assert.deepEqual([...new Set(coded.map((entry) => entry.mime))], ['video/H264'], person.name);
  }
  await marta.button('Record the call').click();
  await ana.button('It may be recorded').click();
  const begun = (await ana.counts()).frames;
  await until(async () => (await ana.counts()).frames > begun + 80, 'some seconds of film', WITHIN_MS);
  await shop.ask('POST', `/v1/calls/${call.id}/end`, shop.shopper.token, {});
  const list = await until(async () => {
    const found = await shop.ask('GET', `/v1/calls/${call.id}/recordings`, shop.owner);
    return found.items.length === 2 && found.items.every((one) => one.status === 'ready') ? found : null;
  }, 'both files are ready', WITHIN_MS);
  assert.deepEqual(list.items.map((one) => one.media_type), ['video/x-matroska', 'video/x-matroska']);
  await marta.open(`${shop.url}/recording/${call.id}`);
  await marta.button('Play').click();
  await until(async () => {
    const sides = await Promise.all(['customer', 'shopper'].map((kind) => marta.colour(`.side[data-kind=${kind}] video`)));
    return isLike(sides[0], RED) && isLike(sides[1], BLUE);
  }, 'both are played', WITHIN_MS);
});
