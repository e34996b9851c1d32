// The media of a call: joins, keeps the others' lines, comes back by itself after a break, and says why when it cannot.

import type { Client } from '../../api/client';
import { pause, Refused } from '../../api/client';
import type { Live, Said, Source } from '../../api/live';
import type { Store } from '../../ui/store';
import type { Failure } from '../media/failures';
import { type Answered, Peer, type Received, type Size, sizeFor } from '../media/peer';
import type { Present, State } from './state';

/** A break that heals by itself within this time is not worth an offer. */
const GRACE_MS = 1_500;
/** A connection that is not there by then has failed. */
const CONNECT_WITHIN_MS = 10_000;
/** The answer to an offer. */
const ANSWER_WITHIN_MS = 8_000;
/** Longest wait for another process to take the connection. */
const MOVE_WITHIN_MS = 3_000;
/** Silence on the wire for this long means that the other end is gone: it sends checks and reports more often. */
const SILENCE_MS = 1_200;
/** Pauses between attempts to come back; the last one repeats. */
const PAUSES_MS = [0, 400, 800, 1_500, 3_000];

/** The media side of the page. */
export class Meeting {
  private peer: Peer | null = null;
  private waiting: { participant: string; resolve: (answer: Answered) => void; reject: (error: unknown) => void } | null = null;
  /** How large whose picture is shown. */
  private readonly sizes = new Map<string, Size>();
  private wanted = false;
  /** Which stay it is: what was begun in a former one goes on in none. */
  private stay = 0;
  /** The stay that is being mended. */
  private healing: number | null = null;
  private iceServers: RTCIceServer[] = [];

  constructor(
    private readonly store: Store<State>,
    private readonly client: Client,
    private readonly live: Live,
  ) {
    live.listen((said) => this.hear(said));
    live.watch((standing) => {
      if (standing !== 'open' || !this.peer) return;
      // What is told of our lines was told to the connection before. Another process than the one that has them says that it has not.
      live.say({ type: 'lines', call: store.get().callId, participant: this.peer.participant });
      void this.afterBreak();
    });
    addEventListener('online', () => this.peer && void this.heal('restart'));
  }

  /** Joins, and stays until [leave]. */
  async join(): Promise<void> {
    if (this.wanted) return;
    this.wanted = true;
    this.stay += 1;
    const { stay } = this;
    this.store.set({ link: 'connecting', linkFailure: null });
    const servers = await this.servers();
    if (stay !== this.stay) return;
    this.iceServers = servers;
    await this.connect().catch((error) => (stay === this.stay ? this.heal('again', error) : undefined));
  }

  /** Leaves; the others are told at once. */
  leave(): void {
    if (!this.wanted && !this.peer) return;
    this.wanted = false;
    this.stay += 1;
    if (this.peer) this.live.say({ type: 'leave', call: this.store.get().callId, participant: this.peer.participant });
    this.drop();
    this.store.set({ link: 'none', present: [], self: null });
  }

  /** What is received of somebody. */
  received(participant: string): Received | null {
    return this.peer?.of(participant) ?? null;
  }

  /** Sends the tracks of the moment, after a device was changed or switched. */
  async send(source: Source, track: MediaStreamTrack | null): Promise<void> {
    await this.peer?.send(source, track);
  }

  /** Tells the server how a track of ours stands. */
  tell(track: Source, state: 'on' | 'muted' | 'off' | 'switched'): void {
    const { callId, self } = this.store.get();
    if (self !== null) this.live.say({ type: 'media', call: callId, participant: self, track, state });
  }

  /** Somebody's picture is shown so many pixels wide: no larger layer of it than that needs to come. */
  show(of: string, width: number): void {
    const size = sizeFor(width);
    if (this.sizes.get(of) === size) return;
    this.sizes.set(of, size);
    this.tellSize(of, size);
  }

  private tellSize(of: string, size: Size): void {
    const { callId, self } = this.store.get();
    if (self !== null) this.live.say({ type: 'show', call: callId, participant: self, of, track: 'camera', size });
  }

  /**
   * Tells the server why something failed: an attempt to be connected, or a device, which is nobody's presence. What cannot be
   * told now is lost: the server sees its own side of it.
   */
  report(reason: Failure, detail: string, participant: string = crypto.randomUUID()): void {
    const { callId } = this.store.get();
    void this.client
      .ask('POST', `/v1/calls/${callId}/media/failures`, { body: { participant, reason, detail: detail.slice(0, 200) } })
      .catch(() => undefined);
  }

  /** The connection itself, for what only it can say. */
  get connection(): RTCPeerConnection | null {
    return this.peer?.pc ?? null;
  }

  private async servers(): Promise<RTCIceServer[]> {
    try {
      const got = await this.client.ask<{ iceServers?: RTCIceServer[] }>('GET', `/v1/calls/${this.store.get().callId}/media/ice`);
      return got.iceServers ?? [];
    } catch {
      // The server's own address is in its answer; relays are for those whom it does not reach.
      return [];
    }
  }

  /** One attempt. Resolves when media flows. */
  private async connect(): Promise<void> {
    this.drop();
    const { stay } = this;
    const { own, role } = this.store.get();
    let settle: { resolve: () => void; reject: (error: unknown) => void } | null = null;
    const peer = new Peer(this.iceServers, {
      offer: (participant, sdp) => this.offer(participant, sdp),
      lines: () => this.refresh(),
      state: (state) => {
        if (state === 'connected') settle?.resolve();
        if (state === 'failed') settle?.reject(new Error('failed'));
        this.changed(peer, state);
      },
    });
    this.peer = peer;
    const connected = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject };
    });
    connected.catch(() => undefined);
    await peer.join(own.microphone, own.camera, role === 'shopper' ? 'shares' : 'looks');
    this.mustBeWanted(peer, stay);
    this.store.set({ self: peer.participant });
    if (own.screen) await peer.send('screen', own.screen);
    await within(connected, CONNECT_WITHIN_MS);
    this.mustBeWanted(peer, stay);
    this.announce();
  }

  /** Whoever left meanwhile is not there, and comes in by no answer that was under way. */
  private mustBeWanted(peer: Peer, stay: number): void {
    if (stay === this.stay) return;
    peer.close();
    this.live.say({ type: 'leave', call: this.store.get().callId, participant: peer.participant });
    throw new Error('left meanwhile');
  }

  /** After joining, and after coming back: how our tracks stand. */
  private announce(): void {
    const { own } = this.store.get();
    if (own.microphone && own.isMuted) this.tell('microphone', 'muted');
    if (own.screen) this.tell('screen', 'on');
    for (const [of, size] of this.sizes) if (this.received(of)) this.tellSize(of, size);
  }

  /** The answer of the process that has the call's media: of whichever this page talks to, or of the one that it is sent to. */
  private async offer(participant: string, sdp: string): Promise<Answered> {
    const { stay } = this;
    try {
      return await this.ask(participant, sdp);
    } catch (error) {
      const node = elsewhere(error);
      // One that is dead is followed by another, which takes the call over within seconds.
      if (node === null || !(await this.live.move(node, MOVE_WITHIN_MS)) || stay !== this.stay) throw error;
      return this.ask(participant, sdp);
    }
  }

  private async ask(participant: string, sdp: string): Promise<Answered> {
    const { stay } = this;
    if (!(await this.live.opened(ANSWER_WITHIN_MS))) throw new Error('no signalling');
    if (stay !== this.stay) throw new Error('left meanwhile');
    const answer = new Promise<Answered>((resolve, reject) => {
      this.waiting = { participant, resolve, reject };
    });
    this.live.say({ type: 'offer', call: this.store.get().callId, participant, sdp, device: device() });
    return within(answer, ANSWER_WITHIN_MS).finally(() => {
      this.waiting = null;
    });
  }

  private hear(said: Said): void {
    switch (said.type) {
      case 'answer':
        if (said.participant === this.waiting?.participant) this.waiting.resolve(said);
        break;
      case 'lines':
        if (said.participant !== this.peer?.participant) break;
        if (said.wants === 'offer') this.peer.ask();
        this.peer.lay(said);
        break;
      case 'speaker':
        this.update(said.participant, { speaks: said.active });
        break;
      case 'error':
        if (this.waiting && said.asked === 'offer' && said.participant === this.waiting.participant) this.waiting.reject(new Refused(said.problem));
        break;
    }
  }

  private changed(peer: Peer, state: RTCPeerConnectionState): void {
    if (peer !== this.peer) return;
    if (state === 'connected') this.store.set({ link: 'connected', linkFailure: null, begunAt: this.store.get().begunAt ?? Date.now() });
    if (state === 'disconnected') {
      setTimeout(() => {
        if (peer === this.peer && peer.pc.connectionState === 'disconnected') void this.heal('restart');
      }, GRACE_MS);
    }
    if (state === 'failed' && this.store.get().link === 'connected') void this.heal('restart');
  }

  /** The signalling came back. The media may have gone on without it, or have ended with the server. */
  private async afterBreak(): Promise<void> {
    const peer = this.peer;
    if (!peer || this.healing === this.stay || this.store.get().link !== 'connected') return;
    const known = await this.isKnown(peer);
    if (known === false) return this.heal('again');
    if (await peer.isAlive(SILENCE_MS)) {
      // What the lines bring is told where the media is.
      if (known !== true && peer === this.peer) await this.live.move(known.node, MOVE_WITHIN_MS);
      return;
    }
    if (peer === this.peer) await this.heal('restart');
  }

  /** Whether the server still has this presence, or which other process may. One that was started anew has not: there is nothing to find a way to. */
  private async isKnown(peer: Peer): Promise<boolean | { node: string }> {
    try {
      await this.client.ask('GET', `/v1/calls/${this.store.get().callId}/media/${peer.participant}`);
      return true;
    } catch (error) {
      const node = elsewhere(error);
      if (node !== null) return { node };
      return !(error instanceof Refused && error.problem.status === 404);
    }
  }

  /** Comes back: first the same presence on another way, then as a new one, until it works or nobody wants it. */
  private async heal(first: 'restart' | 'again', cause: unknown = null): Promise<void> {
    const { stay } = this;
    const goesOn = () => this.wanted && stay === this.stay;
    if (this.healing === stay || !this.wanted) return;
    this.healing = stay;
    if (cause !== null) this.told(cause);
    // What never was cannot be lost.
    if (this.store.get().link !== 'connecting') this.store.set({ link: 'reconnecting' });
    let how = first;
    for (let attempt = 0; goesOn(); attempt += 1) {
      await pause(PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)] ?? 0);
      await this.live.opened(CONNECT_WITHIN_MS);
      if (!goesOn()) break;
      try {
        if (how === 'restart' && this.peer && (await this.isKnown(this.peer))) {
          await this.peer.restart();
          if (await this.peer?.isAlive(SILENCE_MS)) {
            if (!goesOn()) break;
            this.store.set({ link: 'connected', linkFailure: null });
            break;
          }
        } else {
          await this.connect();
          break;
        }
      } catch (error) {
        if (!goesOn()) break;
        if (how === 'again') this.told(error);
        if (isFinal(error)) {
          this.wanted = false;
          break;
        }
      }
      how = 'again';
    }
    if (this.healing === stay) this.healing = null;
  }

  /** Keeps and reports why an attempt failed. */
  private told(error: unknown): void {
    // The other process is gone, and nobody has taken its calls over yet.
    if (elsewhere(error) !== null) return;
    let reason: Failure = 'timeout';
    if (error instanceof Refused) reason = error.code === 'room_full' ? 'room_full' : 'bad_offer';
    else if (this.peer?.pc.connectionState === 'failed') reason = this.peer.failure();
    this.store.set({ linkFailure: reason });
    // A refusal is known to the server, and while nothing can be asked nothing can be told.
    if (!(error instanceof Refused)) this.report(reason, error instanceof Error ? error.message : String(error), this.peer?.participant);
  }

  private drop(): void {
    this.peer?.close();
    this.peer = null;
  }

  /** Has the views look at the streams again. */
  private refresh(): void {
    const ids = this.peer?.people() ?? [];
    const known = new Map(this.store.get().present.map((one) => [one.id, one]));
    const present = ids.map((id): Present => known.get(id) ?? stranger(id, this.store.get().role));
    for (const one of known.values()) if (!ids.includes(one.id)) present.push(one);
    this.store.set({ present });
  }

  /** Changes what is known of somebody in the room. */
  update(id: string, change: Partial<Present>): void {
    const present = this.store.get().present;
    if (!present.some((one) => one.id === id)) return;
    this.store.set({ present: present.map((one) => (one.id === id ? { ...one, ...change } : one)) });
  }
}

/** What kind of device this is, by how it is touched and how wide it is. */
function device(): 'mobile' | 'tablet' | 'desktop' {
  if (!matchMedia('(pointer: coarse)').matches) return 'desktop';
  return Math.min(screen.width, screen.height) < 600 ? 'mobile' : 'tablet';
}

/** Somebody of whom nothing but their media is known yet. */
function stranger(id: string, ours: State['role']): Present {
  return { id, kind: ours === 'customer' ? 'shopper' : 'customer', name: null, isMuted: false, hasCamera: true, shares: false, speaks: false };
}

/** Where the call's media is, when that is why it was refused. */
function elsewhere(error: unknown): string | null {
  return error instanceof Refused && error.code === 'media_elsewhere' ? (error.problem.node_url ?? null) : null;
}

/** Nothing that time heals: the call is over, or this person may not. */
function isFinal(error: unknown): boolean {
  return error instanceof Refused && ['illegal_transition', 'unauthenticated', 'not_allowed', 'not_found', 'consent_required'].includes(error.code);
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

