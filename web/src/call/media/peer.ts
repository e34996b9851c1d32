// One media connection to the server, over which everything goes both ways.
//
// This side always offers: microphone, camera, screen, and more lines when the room has more people than lines. The server
// says which line carries whom; nothing is read out of stream names.

import type { Layout, Line, Source } from '../../api/live';
import { type Failure, ofConnection } from './failures';

/** The layers of the camera's picture: a quarter, a half, the whole of its width. */
const LAYERS: RTCRtpEncodingParameters[] = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_700_000 },
];
/** The sizes that pictures come in, as the server names them. */
export type Size = 'small' | 'medium' | 'large';

/** How much a layer may be stretched, and the widths of the smaller ones: of a camera that gives 1280. */
const STRETCH_MAX = 1.2;
const WIDTHS: [Size, number][] = [['small', 320], ['medium', 640]];

/** The smallest size that looks well at so many pixels. */
export function sizeFor(width: number): Size {
  return WIDTHS.find(([, pixels]) => width <= pixels * STRETCH_MAX)?.[0] ?? 'large';
}

/** Bits a second of a shared screen. */
const SCREEN_BITRATE = 2_500_000;

/** Lines of one kind: a group of eight, each with camera and screen. */
const LINES_MAX = 16;

/** Times that more lines are asked for, and the pause between them. */
const OFFERS_MAX = 5;
const OFFER_AGAIN_MS = 300;

/** The answer to an offer. */
export interface Answered extends Layout {
  sdp: string;
}

/** What a connection tells. */
export interface Hears {
  /** Sends an offer to the server and gives its answer. */
  offer(participant: string, sdp: string): Promise<Answered>;
  /** Its state changed. */
  state(state: RTCPeerConnectionState): void;
  /** What the lines carry changed. */
  lines(): void;
}

/** What is received of one participant. */
export interface Received {
  /** Voice and face together, so that lips fit words. */
  camera: MediaStream;
  screen: MediaStream;
}

/** Whether the others see a shared screen of ours: customers only look. */
export type Screens = 'shares' | 'looks';

/** A media connection. */
export class Peer {
  /** One presence; who comes back is another one. */
  readonly participant = crypto.randomUUID();
  readonly pc: RTCPeerConnection;
  private readonly senders = new Map<Source, RTCRtpSender>();
  private readonly received = new Map<string, Received>();
  private layout: Layout = { revision: 0, lines: [] };
  /** Offers that wait for their answers. */
  private offers = 0;
  private negotiating: Promise<void> = Promise.resolve();
  private closed = false;
  private asked = false;

  constructor(
    iceServers: RTCIceServer[],
    private readonly hears: Hears,
  ) {
    this.pc = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' });
    this.pc.onconnectionstatechange = () => {
      if (this.closed) return;
      this.hears.state(this.pc.connectionState);
      // More lines are asked for once the first ones stand.
      if (this.pc.connectionState === 'connected') this.apply();
    };
  }

  /** Joins with these tracks; either may be missing and come later without another offer. */
  async join(microphone: MediaStreamTrack | null, camera: MediaStreamTrack | null, screens: Screens): Promise<void> {
    const sound = this.pc.addTransceiver(microphone ?? 'audio', { direction: 'sendrecv' });
    const picture = this.pc.addTransceiver(camera ?? 'video', { direction: 'sendrecv', sendEncodings: LAYERS });
    const screen = this.pc.addTransceiver('video', {
      direction: screens === 'shares' ? 'sendrecv' : 'recvonly',
      ...(screens === 'shares' ? { sendEncodings: [{ maxBitrate: SCREEN_BITRATE }] } : {}),
    });
    this.senders.set('microphone', sound.sender).set('camera', picture.sender);
    if (screens === 'shares') this.senders.set('screen', screen.sender);
    await this.negotiate();
  }

  /** Finds a way anew: after a change of network, or a break. */
  async restart(): Promise<void> {
    await this.negotiate({ iceRestart: true });
  }

  /** Sends this track from now on, or nothing. No offer is needed. */
  async send(source: Source, track: MediaStreamTrack | null): Promise<void> {
    await this.senders.get(source)?.replaceTrack(track);
  }

  /** What the lines carry, if nothing later is known. It is put in place with the answer that is awaited, or now. */
  lay({ revision, lines }: Layout): void {
    if (revision >= this.layout.revision) this.layout = { revision, lines };
    if (this.offers === 0) this.apply();
  }

  /** Puts in place what is known of the lines. Offers anew where they are too few, or where the server asked for it. */
  private apply(): void {
    const { lines } = this.layout;
    const isUp = !this.closed && this.pc.connectionState === 'connected';
    const added = isUp ? this.extend('audio', lines) + this.extend('video', lines) : 0;
    if (isUp && (added > 0 || this.asked)) {
      this.asked = false;
      void this.insist();
    }
    this.sort();
  }

  /** The server asks for another offer; it is made when the lines are put in place next. */
  ask(): void {
    this.asked = true;
  }

  /** What is received of somebody; `null` while nothing is. */
  of(participant: string): Received | null {
    return this.received.get(participant) ?? null;
  }

  /** Who is received. */
  people(): string[] {
    return [...this.received.keys()];
  }

  /** Whether something has come from the server within this time. */
  async isAlive(withinMs: number): Promise<boolean> {
    const before = await this.heard();
    await new Promise((resolve) => setTimeout(resolve, withinMs));
    return !this.closed && (await this.heard()) > before;
  }

  /** Why it failed, when it has. */
  failure(): Failure {
    return ofConnection(this.pc);
  }

  /** Ends it; the tracks go on, they belong to the page. */
  close(): void {
    this.closed = true;
    this.pc.close();
  }

  /** Offers until it is taken: the server may see the connection a moment later than this side does. */
  private async insist(): Promise<void> {
    for (let attempt = 0; attempt < OFFERS_MAX && !this.closed; attempt += 1) {
      const isTaken = await this.negotiate().then(() => true, () => false);
      if (isTaken) return;
      await new Promise((resolve) => setTimeout(resolve, OFFER_AGAIN_MS));
    }
  }

  /** One offer after the other: a second one waits for the first one's answer. */
  private negotiate(options: RTCOfferOptions = {}): Promise<void> {
    this.offers += 1;
    const next = this.negotiating.then(() => this.exchange(options)).finally(() => {
      this.offers -= 1;
      if (!this.closed) this.lay(this.layout);
    });
    this.negotiating = next.catch(() => undefined);
    return next;
  }

  private async exchange(options: RTCOfferOptions): Promise<void> {
    if (this.closed) return;
    await this.pc.setLocalDescription(await this.pc.createOffer(options));
    // The server is found by its address alone, so the offer goes before any candidate of ours is known.
    const { sdp, ...layout } = await this.hears.offer(this.participant, this.pc.localDescription?.sdp ?? '').catch(async (error: unknown) => {
      // As if it had not been made, so that the next one can be; the very first one has nothing to go back to.
      if (!this.closed && this.pc.remoteDescription) await this.pc.setLocalDescription({ type: 'rollback' });
      throw error;
    });
    // What is told of the lines while the answer is taken is later than the answer.
    this.lay(layout);
    if (!this.closed) await this.pc.setRemoteDescription({ type: 'answer', sdp });
  }

  /** Adds the lines of this kind that are too few. One that was offered already counts, though nothing comes on it yet. */
  private extend(kind: 'audio' | 'video', lines: Line[]): number {
    const wanted = lines.filter((line) => line.participant && (line.source === 'microphone') === (kind === 'audio'));
    const carrying = new Set(wanted.map((line) => line.mid).filter((mid) => mid));
    const ours = this.pc.getTransceivers().filter((one) => one.receiver.track.kind === kind);
    const spare = ours.filter((one) => one.mid === null || !carrying.has(one.mid)).length;
    const missing = wanted.filter((line) => !line.mid).length - spare;
    const added = Math.max(0, Math.min(missing, LINES_MAX - ours.length));
    for (let line = 0; line < added; line += 1) this.pc.addTransceiver(kind, { direction: 'recvonly' });
    return added;
  }

  /** Puts every track to whom it belongs, keeping the streams that pages already play. */
  private sort(): void {
    const wanted = new Map<string, { camera: MediaStreamTrack[]; screen: MediaStreamTrack[] }>();
    for (const line of this.layout.lines) {
      const transceiver = this.pc.getTransceivers().find((one) => one.mid !== null && one.mid === line.mid);
      if (!line.participant || !line.source || !transceiver) continue;
      const of = wanted.get(line.participant) ?? { camera: [], screen: [] };
      of[line.source === 'screen' ? 'screen' : 'camera'].push(transceiver.receiver.track);
      wanted.set(line.participant, of);
    }
    for (const participant of this.received.keys()) if (!wanted.has(participant)) this.received.delete(participant);
    for (const [participant, tracks] of wanted) {
      const streams = this.received.get(participant) ?? { camera: new MediaStream(), screen: new MediaStream() };
      this.received.set(participant, streams);
      fill(streams.camera, tracks.camera);
      fill(streams.screen, tracks.screen);
    }
    this.hears.lines();
  }

  private async heard(): Promise<number> {
    let bytes = 0;
    for (const entry of (await this.pc.getStats()).values()) {
      if (entry.type === 'candidate-pair') bytes += Number(entry.bytesReceived ?? 0) + Number(entry.responsesReceived ?? 0);
    }
    return bytes;
  }
}

function fill(stream: MediaStream, tracks: MediaStreamTrack[]): void {
  for (const track of stream.getTracks()) if (!tracks.includes(track)) stream.removeTrack(track);
  for (const track of tracks) if (!stream.getTracks().includes(track)) stream.addTrack(track);
}
