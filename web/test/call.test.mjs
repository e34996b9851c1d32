// What the call page holds in its state, tried without a browser: the modules as they are, on stand-ins for what only a browser has.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createServer } from 'vite';

const track = (kind) => ({ kind, enabled: true, addEventListener: () => undefined, stop: () => undefined, getSettings: () => ({}) });

let connections = 0;
const browser = {
  addEventListener: () => undefined,
  document: { addEventListener: () => undefined },
  matchMedia: () => ({ matches: false }),
  location: { origin: 'https://shop.example', search: '', hash: '', pathname: '/' },
  navigator: {
    language: 'en',
    languages: ['en'],
    mediaDevices: {
      addEventListener: () => undefined,
      enumerateDevices: async () => [],
      getUserMedia: async () => ({ getTracks: () => [track('audio')], getAudioTracks: () => [track('audio')], getVideoTracks: () => [] }),
    },
  },
  RTCPeerConnection: class {
    connectionState = 'connecting';
    localDescription = { sdp: 'v=0' };
    constructor() {
      connections += 1;
    }
    createOffer = async () => ({});
    setLocalDescription = async () => undefined;
    getTransceivers = () => [{ mid: '3', receiver: { track: track('video') } }];
  },
  MediaStream: class {
    tracks = [];
    getTracks = () => this.tracks;
    addTrack = (one) => this.tracks.push(one);
    removeTrack = (one) => (this.tracks = this.tracks.filter((other) => other !== one));
  },
};
for (const [name, value] of Object.entries(browser)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });

const server = await createServer({
  root: new URL('..', import.meta.url).pathname,
  appType: 'custom',
  logLevel: 'error',
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
});
after(() => server.close());
const load = (path) => server.ssrLoadModule(`/src/${path}`);
const [{ Peer }, { Meeting }, { Own }, { Talk }, { Visit }, { Store }, { begin }] = await Promise.all([
  load('call/media/peer.ts'),
  load('call/state/meeting.ts'),
  load('call/state/own.ts'),
  load('call/state/talk.ts'),
  load('call/state/visit.ts'),
  load('ui/store.ts'),
  load('call/state/state.ts'),
]);

/** A live connection that takes down what is said, and says what it is told to. */
function live() {
  const listeners = [];
  return {
    said: [],
    say(word) {
      this.said.push(word);
    },
    tell: (word) => listeners.forEach((listener) => listener(word)),
    listen: (listener) => listeners.push(listener),
    watch: () => undefined,
    opened: async () => true,
    subscribe: () => undefined,
  };
}

function meeting(client = { ask: async () => ({}) }) {
  const [store, socket] = [new Store(begin('call', 'customer')), live()];
  return { store, socket, meeting: new Meeting(store, client, socket) };
}

const lines = (of) => [{ mid: '3', participant: of, source: 'camera' }];

/** A connection to the server whose answer is this, and what is told of the lines on the way. */
function peer({ answer, before = () => undefined, meanwhile = () => undefined }) {
  const one = new Peer([], {
    offer: async () => (before(one), { sdp: 'v=0', ...answer }),
    state: () => undefined,
    lines: () => undefined,
  });
  one.pc.setRemoteDescription = async () => meanwhile(one);
  return one;
}

test('what is told last of the lines counts, whether it comes before the answer or while that is taken', async () => {
  for (const [answered, told, wanted] of [[4, 5, 'told'], [5, 4, 'answered']]) {
    const tell = (one) => one.lay({ revision: told, lines: lines('told') });
    for (const way of [{ before: tell }, { meanwhile: tell }]) {
      const one = peer({ answer: { revision: answered, lines: lines('answered') }, ...way });
      await one.restart();
      assert.deepEqual(one.people(), [wanted]);
    }
  }
});

test('lines that were overtaken by newer ones are not put in place again', () => {
  const { socket, meeting: one } = meeting();
  one.peer = peer({});
  one.peer.lay({ revision: 2, lines: lines('second') });
  socket.tell({ type: 'lines', participant: one.peer.participant, revision: 1, lines: lines('first') });
  assert.deepEqual(one.peer.people(), ['second']);
  socket.tell({ type: 'lines', participant: one.peer.participant, revision: 3, lines: lines('third') });
  assert.deepEqual(one.peer.people(), ['third']);
});

test('an offer is refused by the word about it, and by no other', async () => {
  const { socket, meeting: one } = meeting();
  const answer = one.offer('me', 'v=0');
  await new Promise(setImmediate);
  const problem = { code: 'busy', status: 503, title: '' };
  socket.tell({ type: 'error', problem });
  socket.tell({ type: 'error', participant: 'me', asked: 'media', problem });
  socket.tell({ type: 'error', participant: 'other', asked: 'offer', problem });
  socket.tell({ type: 'answer', participant: 'me', revision: 1, sdp: 'v=0', lines: [] });
  assert.equal((await answer).sdp, 'v=0');
  const refused = one.offer('me', 'v=0');
  await new Promise(setImmediate);
  socket.tell({ type: 'error', participant: 'me', asked: 'offer', problem });
  await assert.rejects(refused);
});

test('who leaves while the way to the call is looked up is not in it', async () => {
  let found;
  const servers = new Promise((resolve) => {
    found = resolve;
  });
  const { store, meeting: one } = meeting({ ask: () => servers });
  const joining = one.join();
  one.leave();
  const before = connections;
  found({ iceServers: [] });
  await joining;
  assert.equal(connections, before, 'no connection was made');
  assert.equal(store.get().link, 'none');
});

test('a device that fails is nobody\'s presence', () => {
  const asked = [];
  const { store, meeting: one } = meeting({ ask: async (_, __, { body }) => asked.push(body) });
  store.set({ self: 'me' });
  one.report('device_in_use', 'getUserMedia: camera');
  assert.equal(asked.length, 1);
  assert.notEqual(asked[0].participant, 'me');
});

test('whoever unmutes with another microphone than the one that was unplugged is heard', async () => {
  const store = new Store(begin('call', 'customer'));
  const own = new Own(store, () => null);
  store.set({ own: { ...store.get().own, microphone: null, isMuted: true } });
  await own.toggleMicrophone();
  const { microphone, isMuted } = store.get().own;
  assert.equal(isMuted, false);
  assert.equal(microphone.enabled, true);
});

test('a colleague\'s words are not one\'s own', () => {
  const store = new Store(begin('call', 'shopper'));
  store.set({ me: { user_id: 'ana' } });
  const talk = new Talk(store, {}, live(), 'conversation');
  const said = (id, author) =>
    talk.happened({ event: 'conversation.message_sent', occurred_at: id, data: { message_id: id, body: id, author } });
  said('1', { kind: 'shopper', id: 'ana' });
  said('2', { kind: 'shopper', id: 'bruno' });
  said('3', { kind: 'customer', id: 'carla' });
  assert.deepEqual(store.get().messages.map((one) => one.isOwn), [true, false, false]);
});

test('the link that a customer passes on is the one that dies with the call', async () => {
  const store = new Store(begin('call', 'customer'));
  const visit = new Visit(store, { callId: 'call', role: 'customer', token: 'own-token' });
  const asked = [];
  visit.tools = { client: { ask: async (method, path) => (asked.push(path), { url: 'https://shop.example/call/call#token=link' }) } };
  assert.equal(await visit.link(), 'https://shop.example/call/call#token=link');
  assert.deepEqual(asked, ['/v1/calls/call/link']);
});

test('a rating says what was asked and the face that was chosen, and nothing of what was not', async () => {
  const question = 'Would you recommend us?';
  for (const [given, body] of [
    [{ nps: 9, face: 'satisfied', comment: ' Lovely ', question }, { nps: 9, question, face: 'satisfied', comment: 'Lovely' }],
    [{ nps: 0, face: null, comment: ' ', question }, { nps: 0, question }],
  ]) {
    const visit = new Visit(new Store(begin('call', 'customer')), { callId: 'call', role: 'customer', token: 'own-token' });
    const asked = [];
    visit.tools = { client: { ask: async (...deed) => asked.push(deed) } };
    await visit.rate(given);
    assert.deepEqual(asked, [['POST', '/v1/calls/call/rating', { body }]]);
    assert.equal(visit.store.get().stage.is, 'thanks');
  }
});

test('a face is asked for, none is insisted on', async () => {
  const { ChooseFace, FACES } = await load('ui/faces.tsx');
  const chosen = [];
  const question = ChooseFace({ chosen: 'neutral', onChoose: (face) => chosen.push(face) });
  const inputs = (node) => [node].flat(9).filter((one) => one?.props).flatMap((one) => [...(one.type === 'input' ? [one.props] : []), ...inputs(one.props.children)]);
  const faces = inputs(question);
  assert.deepEqual(faces.map(({ value, checked, required }) => [value, checked, required]), FACES.map((face) => [face, face === 'neutral', undefined]));
  faces[0].onChange();
  assert.deepEqual(chosen, ['satisfied']);
});
