// People with a browser: Chromium with fake devices, a page each, and what can be read off it.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { until } from './patience.mjs';

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream=device-count=2', '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection', '--auto-select-desktop-capture-source=Entire screen',
];

const SHOTS = process.env.SCREENSHOTS ?? '';

/** One browser for a whole file of tests. */
export async function browser(flags = []) {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: [...FLAGS, ...flags] });
}

/** Somebody with a page of their own. */
export class Person {
  static async with(chrome, name, options = {}) {
    const person = new Person();
    const { colour, devices = ['camera', 'microphone'], ...context } = options;
    person.name = name;
    person.context = await chrome.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 }, permissions: devices, ...context });
    if (colour) await person.context.addInitScript(painted, colour);
    person.page = await person.context.newPage();
    person.errors = [];
    person.page.on('pageerror', (error) => person.errors.push(error.message));
    person.page.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource|WebSocket/.test(message.text())) person.errors.push(message.text());
    });
    return person;
  }

  async open(url) {
    await this.page.goto(url);
  }

  /** The customer's page, by the link. */
  async openAsCustomer(shop, call) {
    await this.open(`${shop.url}/call/${call.id}#token=${call.token}`);
  }

  /** The shopper's page, signed in as somebody does who has worked here before. */
  async openAsShopper(shop, call, shopper = shop.shopper) {
    await this.context.addInitScript(([key, token]) => localStorage.setItem(key, token), ['vitrina.session', shopper.token]);
    await this.open(`${shop.url}/call/${call.id}#staff`);
  }

  button(name) {
    return this.page.getByRole('button', { name });
  }

  /** From the first page into the call or the queue. */
  async comeIn() {
    await this.button('Continue with camera').click();
    const consent = this.page.getByRole('checkbox');
    const join = this.button(/^(Join the call|Start the call|Take this call)$/);
    await join.waitFor();
    if (await consent.count()) await consent.check();
    await join.click();
  }

  /** What is received of the others: size and count of pictures, loudness of sound, for each participant. */
  async receives() {
    return this.page.evaluate(async () => {
      const seen = [];
      for (const figure of document.querySelectorAll('.picture[data-participant]:not(.screen)')) {
        const video = figure.querySelector('video');
        if (!video) continue;
        seen.push({
          participant: figure.dataset.participant,
          kind: figure.dataset.kind,
          width: video.videoWidth,
          height: video.videoHeight,
          frames: video.getVideoPlaybackQuality().totalVideoFrames,
          time: video.currentTime,
        });
      }
      return seen;
    });
  }

  /** The mean colour of what the other sends, as [red, green, blue]. */
  async colour(selector = '.picture[data-participant]:not(.screen) video') {
    return this.page.evaluate((selector) => {
      const video = document.querySelector(selector);
      if (!video || video.videoWidth === 0) return null;
      const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 32 });
      const drawing = canvas.getContext('2d', { willReadFrequently: true });
      drawing.drawImage(video, 0, 0, 32, 32);
      const { data } = drawing.getImageData(8, 8, 16, 16);
      const sums = [0, 0, 0];
      for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c += 1) sums[c] += data[i + c];
      return sums.map((sum) => Math.round(sum / (data.length / 4)));
    }, selector);
  }

  /** What WebRTC counts: frames decoded and the energy of the sound, over all that is received. */
  async counts() {
    return this.page.evaluate(async () => {
      const stats = { frames: 0, energy: 0, width: 0, bytes: 0, sent: 0, pairs: [], transport: null };
      for (const pc of window.connections ?? []) {
        if (pc.connectionState === 'closed') continue;
        for (const entry of (await pc.getStats()).values()) {
          if (entry.type === 'inbound-rtp' && entry.kind === 'video') {
            stats.frames += entry.framesDecoded ?? 0;
            stats.width = Math.max(stats.width, entry.frameWidth ?? 0);
          }
          if (entry.type === 'inbound-rtp' && entry.kind === 'audio') stats.energy += entry.totalAudioEnergy ?? 0;
          if (entry.type === 'inbound-rtp') stats.bytes += entry.bytesReceived ?? 0;
          if (entry.type === 'outbound-rtp') stats.sent += entry.bytesSent ?? 0;
          if (entry.type === 'local-candidate') stats.pairs.push(entry.protocol);
        }
      }
      return stats;
    });
  }

  /** Waits until pictures and sound of this many others arrive; where they do not, says what every connection of the page counts. */
  async meets(others = 1, withinMs = 30_000) {
    try {
      await until(async () => (await this.receives()).filter((one) => one.width > 0 && one.frames > 0).length >= others, `${this.name} sees ${others}`, withinMs);
      const before = await this.counts();
      await until(async () => {
        const now = await this.counts();
        return now.frames > before.frames && now.energy > before.energy;
      }, `${this.name} receives frames and sound`, withinMs);
    } catch (error) {
      const told = await this.page.evaluate(connections).catch((closed) => closed.message);
      throw new Error(`${error.message}\n${JSON.stringify(await this.receives().catch(() => null))}\n${told}`);
    }
  }

  /** Keeps a picture of the page, when pictures are wanted. */
  async shoot(name) {
    if (SHOTS === '') return;
    mkdirSync(SHOTS, { recursive: true });
    await this.page.waitForTimeout(450);
    await this.page.screenshot({ path: join(SHOTS, `${name}.png`) });
  }

  async leave() {
    await this.context.close();
  }
}

/** Runs in the page: what WebRTC counts of every connection, for somebody who reads why nothing came. */
async function connections() {
  const told = [];
  for (const pc of window.connections ?? []) {
    told.push(`connection ${pc.connectionState}, ICE ${pc.iceConnectionState}, signalling ${pc.signalingState}`);
    if (pc.connectionState === 'closed') continue;
    for (const { type, kind, ...entry } of (await pc.getStats()).values()) {
      if (!['inbound-rtp', 'outbound-rtp', 'remote-inbound-rtp', 'candidate-pair', 'media-source'].includes(type)) continue;
      const { id, timestamp, transportId, codecId, ...counted } = entry;
      told.push(`  ${type} ${kind ?? ''} ${JSON.stringify(counted)}`);
    }
  }
  return told.join('\n');
}

/** Runs in the page before its own scripts: a camera of one colour, and every connection within reach of the test. */
function painted(colour) {
  window.connections = [];
  const Real = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(...given) {
      super(...given);
      window.connections.push(this);
    }
  };
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const paint = (fill, width, height) => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const drawing = canvas.getContext('2d');
    let turn = 0;
    const draw = () => {
      drawing.fillStyle = fill;
      drawing.fillRect(0, 0, width, height);
      // Something moves in a corner, so that frames keep coming.
      drawing.fillStyle = 'white';
      drawing.fillRect((turn * 7) % 60, 4, 8, 8);
      turn += 1;
    };
    draw();
    setInterval(draw, 50);
    return canvas.captureStream(20).getVideoTracks()[0];
  };
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = await real(constraints);
    for (const track of stream.getVideoTracks()) {
      const canvas = paint(colour, 1280, 720);
      const stop = canvas.stop.bind(canvas);
      canvas.stop = () => { stop(); track.stop(); };
      canvas.getSettings = () => ({ ...track.getSettings(), width: 1280, height: 720 });
      stream.removeTrack(track);
      stream.addTrack(canvas);
    }
    return stream;
  };
  navigator.mediaDevices.getDisplayMedia = async () => new MediaStream([paint('rgb(240, 200, 20)', 1280, 720)]);
}
