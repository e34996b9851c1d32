// What happens, as it happens: one WebSocket that comes back by itself and goes on where it was.
//
// Every subscription remembers the position of the last event that it has seen, so nothing is missed and nothing comes
// twice, however often the connection breaks.

import { pause } from './client';
import type { Problem } from './schema.gen';

/** Who did it. */
export interface Actor {
  kind: 'user' | 'shopper' | 'customer' | 'api_key' | 'system';
  id?: string;
}

/** An event of the log. */
export interface Happened {
  type: 'event';
  ids: string[];
  position: number;
  event: string;
  stream: { category: string; id: string };
  occurred_at: string;
  actor: Actor;
  data: Record<string, unknown>;
}

/** What a line of the media session brings: who, and what of them. */
export interface Line {
  mid?: string | null;
  participant?: string | null;
  source?: Source | null;
}

/** What comes on all lines. Answers and words about the lines overtake each other: the higher revision is the later one. */
export interface Layout {
  revision: number;
  lines: Line[];
}

/** Where media comes from. */
export type Source = 'microphone' | 'camera' | 'screen';

/** Words of the server. */
export type Said =
  | Happened
  | { type: 'welcome'; position: number; connection_id: string }
  | { type: 'subscribed' | 'caught_up'; id: string; position: number }
  | { type: 'resume'; id: string; after: number; reason: string }
  | { type: 'signal'; topic: string; key: string; signal: 'typing' | 'read' | 'presence' | 'ask'; data: Record<string, unknown>; actor?: Actor }
  | ({ type: 'answer'; call: string; participant: string; sdp: string } & Layout)
  | ({ type: 'lines'; call: string; participant: string; wants?: 'offer' } & Layout)
  | { type: 'speaker'; call: string; participant: string; active: boolean }
  | { type: 'error'; id?: string; participant?: string; asked?: 'offer' | 'media' | 'show' | 'lines' | 'leave'; problem: Problem }
  | { type: 'revoked' | 'pong' | 'unsubscribed' };

/** How the connection stands. */
export type Standing = 'connecting' | 'open' | 'lost' | 'refused';

/** First pause before the connection is tried again; doubled each time up to the longest. */
const PAUSE_MS = 250;
const PAUSE_MS_MAX = 2_000;
/** A ping is sent this often, and its answer must come within the same time: a dead network says nothing by itself. */
const PING_EVERY_MS = 5_000;
/** The status of a problem that passes by itself. */
const UNAVAILABLE = 503;

interface Subscription {
  topic: string;
  key: string | null;
  after: number | null;
}

/** A live connection. */
export class Live {
  private socket: WebSocket | null = null;
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly listeners = new Set<(said: Said) => void>();
  private readonly watchers = new Set<(standing: Standing) => void>();
  private failures = 0;
  private closed = false;
  private answered = true;
  /** Counts the sockets, so that what is said of a former one is known as such. */
  private turn = 0;
  /** Another process of the installation, where a call's media is; `null`: the page's own. */
  private node: string | null = null;
  private beat: ReturnType<typeof setInterval> | undefined;
  standing: Standing = 'connecting';

  constructor(private readonly token: string) {}

  /** Opens the connection, and keeps it open until [close]. */
  open(): void {
    if (this.closed) return;
    this.turn += 1;
    this.is('connecting');
    const address = new URL('/v1/live', this.node ?? location.href);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(address, ['vitrina.v1', `bearer.${this.token}`]);
    this.socket = socket;
    socket.onmessage = (message) => this.hear(JSON.parse(message.data as string) as Said);
    socket.onclose = (event) => {
      if (this.socket === socket) void this.lost(event.code);
    };
    this.answered = true;
    clearInterval(this.beat);
    this.beat = setInterval(() => this.ping(socket), PING_EVERY_MS);
  }

  /** Follows a topic from a position on, under a name of one's own. */
  subscribe(id: string, topic: string, key: string | null, after: number | null): void {
    this.subscriptions.set(id, { topic, key, after });
    if (this.standing === 'open') this.ask(id, topic, key, after);
  }

  private ask(id: string, topic: string, key: string | null, after: number | null): void {
    this.say({ type: 'subscribe', id, topic, ...(key === null ? {} : { key }), ...(after === null ? {} : { after }) });
  }

  /** Hears everything that the server says. */
  listen(listener: (said: Said) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Hears how the connection stands. */
  watch(watcher: (standing: Standing) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** Says something; `false` when there is no connection now. */
  say(words: object): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(words));
    return true;
  }

  /** Resolves once the connection is open, at the latest after this time. */
  async opened(withinMs: number): Promise<boolean> {
    if (this.standing === 'open') return true;
    return new Promise((resolve) => {
      const done = (is: boolean) => {
        stop();
        clearTimeout(timer);
        resolve(is);
      };
      const stop = this.watch((standing) => standing === 'open' && done(true));
      const timer = setTimeout(() => done(false), withinMs);
    });
  }

  /** Goes on at another process, and answers whether it does. Once it is lost there it goes on at home. */
  async move(node: string, withinMs: number): Promise<boolean> {
    if (this.node !== node) {
      const before = this.socket;
      this.socket = null;
      before?.close(1000);
      this.node = node;
      try {
        this.open();
      } catch {
        // An address that this page may not connect to, such as one without TLS from a page with it.
        void this.lost(1006);
        return false;
      }
    }
    const isOpen = await this.opened(withinMs);
    if (!isOpen && this.node === node) {
      // Nobody answers there, not even with a no.
      const silent = this.socket;
      this.socket = null;
      silent?.close();
      void this.lost(1006);
    }
    return isOpen && this.node === node;
  }

  /** Ends it. */
  close(): void {
    this.closed = true;
    clearInterval(this.beat);
    this.socket?.close(1000);
  }

  private ping(socket: WebSocket): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (!this.answered) {
      // A close would wait for the dead peer; this connection is given up here and now.
      this.socket = null;
      socket.close();
      void this.lost(1006);
      return;
    }
    this.answered = false;
    socket.send('{"type":"ping"}');
  }

  private hear(said: Said): void {
    this.answered = true;
    switch (said.type) {
      case 'welcome':
        this.failures = 0;
        for (const [id, { topic, key, after }] of this.subscriptions) {
          this.ask(id, topic, key, after);
        }
        this.is('open');
        break;
      case 'event':
        for (const id of said.ids) this.seen(id, said.position);
        break;
      case 'subscribed':
      case 'caught_up':
        this.seen(said.id, said.position);
        break;
      case 'resume': {
        const subscription = this.subscriptions.get(said.id);
        if (subscription) this.subscribe(said.id, subscription.topic, subscription.key, said.after);
        break;
      }
      case 'error':
        if (said.id !== undefined && said.problem.status === UNAVAILABLE) void this.askLater(said.id);
        break;
      case 'revoked':
        this.closed = true;
        this.is('refused');
        break;
    }
    for (const listener of [...this.listeners]) listener(said);
  }

  /** The server could not read what there was for it: nothing is lost, and it is asked for again, unless a new connection does so before. */
  private async askLater(id: string): Promise<void> {
    const turn = this.turn;
    await pause(PAUSE_MS_MAX * (0.5 + Math.random()));
    const subscription = this.subscriptions.get(id);
    if (subscription && turn === this.turn && this.standing === 'open') this.ask(id, subscription.topic, subscription.key, subscription.after);
  }

  private seen(id: string, position: number): void {
    const subscription = this.subscriptions.get(id);
    if (subscription) subscription.after = Math.max(subscription.after ?? 0, position);
  }

  private async lost(code: number): Promise<void> {
    clearInterval(this.beat);
    if (this.closed) return;
    if (code === 4401) {
      this.closed = true;
      this.is('refused');
      return;
    }
    this.node = null;
    this.is('lost');
    this.failures += 1;
    const turn = this.turn;
    await pause(Math.min(PAUSE_MS * 2 ** (this.failures - 1), PAUSE_MS_MAX) * (0.75 + Math.random() / 2));
    if (turn === this.turn) this.open();
  }

  private is(standing: Standing): void {
    this.standing = standing;
    for (const watcher of [...this.watchers]) watcher(standing);
  }
}
