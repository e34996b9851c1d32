// One media connection to the server, over which everything goes both ways.
//
// This side always offers: microphone, camera, screen, and more lines when the room has more people than lines. The server
// says which line carries whom; nothing is read out of stream names.

import type { Line, Source } from '../../api/live';
import { type Failure, ofConnection } from './failures';

/** The layers of the camera's picture: a quarter, a half, the whole of its width. */
const LAYERS: RTCRtpEncodingParameters[] = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_700_000 },
];
/** Bits a second of a shared screen. */
const SCREEN_BITRATE = 2_500_000;

/** The answer to an offer. */
export interface Answered {
  sdp: string;
  lines: Line[];
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
  private known: Line[] = [];
  private negotiating: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    iceServers: RTCIceServer[],
    private readonly hears: Hears,
  ) {
    this.pc = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' });
    this.pc.onconnectionstatechange = () => !this.closed && this.hears.state(this.pc.connectionState);
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

  /** What the lines carry from now on. Asks for more lines where there are too few. */
  apply(lines: Line[]): void {
    this.known = lines;
    const missing = lines.filter((line) => line.participant && line.source && !line.mid);
    if (missing.length > 0 && !this.closed) {
      for (const line of missing) this.pc.addTransceiver(line.source === 'microphone' ? 'audio' : 'video', { direction: 'recvonly' });
      void this.negotiate().catch(() => undefined);
    }
    this.sort();
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

  /** One offer after the other: a second one waits for the first one's answer. */
  private negotiate(options: RTCOfferOptions = {}): Promise<void> {
    const next = this.negotiating.then(async () => {
      if (this.closed) return;
      await this.pc.setLocalDescription(await this.pc.createOffer(options));
      // The server is found by its address alone, so the offer goes before any candidate of ours is known.
      const answer = await this.hears.offer(this.participant, this.pc.localDescription?.sdp ?? '');
      if (this.closed) return;
      await this.pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
      this.apply(answer.lines.length > 0 ? answer.lines : this.known);
    });
    this.negotiating = next.catch(() => undefined);
    return next;
  }

  /** Puts every track to whom it belongs, keeping the streams that pages already play. */
  private sort(): void {
    const wanted = new Map<string, { camera: MediaStreamTrack[]; screen: MediaStreamTrack[] }>();
    for (const line of this.known) {
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
