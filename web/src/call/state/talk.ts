// The chat beside the call: what was said, what is on its way, and who is typing.

import type { Client } from '../../api/client';
import type { Happened, Live, Said } from '../../api/live';
import type { MessageView, Paged_MessageView } from '../../api/schema.gen';
import type { Store } from '../../ui/store';
import type { Role, Shown, State } from './state';

/** Messages asked for at a time. */
const PAGE = 200;
/** How long a typist is believed to go on. */
const TYPING_MS = 4_000;
/** How often one's own typing is told. */
const TELL_TYPING_MS = 2_000;
/** A file on a slow network takes longer than a word. */
const UPLOAD_WITHIN_MS = 300_000;
/** Bytes of a file that may be sent. */
export const FILE_BYTES_MAX = 20_000_000;

/** The conversation of the call. */
export class Talk {
  private told = 0;
  private stopping: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: Store<State>,
    private readonly client: Client,
    private readonly live: Live,
    private readonly conversation: string,
  ) {
    live.listen((said) => this.hear(said));
  }

  /** What was said up to this position, and everything after it as it is said. */
  async load(position: number): Promise<void> {
    this.live.subscribe('talk', 'conversation', this.conversation, position);
    let cursor = '';
    do {
      const page = await this.client
        .ask<Paged_MessageView>('GET', `${this.path}/messages?limit=${PAGE}&as_of=${position}${cursor}`)
        .catch(() => null);
      if (!page) return;
      this.add(page.items.filter((item) => item.visibility === 'public').map((item) => this.ofView(item)));
      cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : '';
    } while (cursor !== '');
  }

  /** Says something. It is shown at once, and marked until the server has it. */
  async say(body: string): Promise<void> {
    await this.send({ id: crypto.randomUUID(), body, sent_at: new Date().toISOString(), author: this.role, isOwn: true, state: 'sending' });
  }

  /** Tries once more what failed, under the same key. */
  async again(message: Shown): Promise<void> {
    await this.send({ ...message, state: 'sending' });
  }

  private async send(message: Shown): Promise<void> {
    this.put(message);
    try {
      const sent = await this.client.ask<{ id: string }>('POST', `${this.path}/messages`, { key: message.id, body: { body: message.body } });
      this.settle(message.id, { ...message, id: sent.id, state: 'sent' });
    } catch {
      this.settle(message.id, { ...message, state: 'failed' });
    }
  }

  /** Shares a file. */
  async share(file: File): Promise<void> {
    const key = crypto.randomUUID();
    const shown: Shown = {
      id: key,
      body: file.name,
      sent_at: new Date().toISOString(),
      author: this.role,
      isOwn: true,
      state: 'sending',
      file: { name: file.name, media_type: file.type, bytes: file.size, url: null },
    };
    this.put(shown);
    try {
      const body = file.type === '' ? new Blob([file], { type: 'application/octet-stream' }) : file;
      const path = `${this.path}/files?name=${encodeURIComponent(file.name)}`;
      const sent = await this.client.ask<{ id: string }>('POST', path, { key, body, withinMs: UPLOAD_WITHIN_MS });
      this.settle(key, { ...shown, id: sent.id, state: 'sent' });
    } catch {
      this.settle(key, { ...shown, state: 'failed' });
    }
  }

  /** A file's content, which takes the token to read. */
  async open(message: Shown): Promise<void> {
    const outside = message.file?.url;
    if (outside && !outside.startsWith('/')) {
      window.open(outside, '_blank', 'noopener');
      return;
    }
    const answer = await this.client.send('GET', outside ?? `${this.path}/files/${message.id}`);
    const address = URL.createObjectURL(await answer.blob());
    const anchor = Object.assign(document.createElement('a'), { href: address, download: message.file?.name ?? '' });
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  /** The person is typing; the others are told now and then. */
  typing(): void {
    const now = Date.now();
    if (now - this.told < TELL_TYPING_MS) return;
    this.told = now;
    this.live.say({ type: 'signal', topic: 'conversation', key: this.conversation, signal: 'typing', data: {} });
  }

  /** Everything has been seen. */
  seen(): void {
    if (this.store.get().unread > 0) this.store.set({ unread: 0 });
  }

  /** Something happened in the conversation. */
  happened({ event, data, occurred_at }: Happened): void {
    if (event === 'conversation.message_sent' && data['visibility'] !== 'internal') {
      this.come({
        id: String(data['message_id']),
        body: typeof data['body'] === 'string' ? data['body'] : null,
        sent_at: occurred_at,
        ...this.by(data['author']),
        state: 'sent',
      });
    }
    if (event === 'conversation.file_shared') {
      const name = String(data['name'] ?? '');
      this.come({
        id: String(data['file_id']),
        body: name,
        sent_at: occurred_at,
        ...this.by(data['author']),
        state: 'sent',
        file: { name, media_type: String(data['media_type']), bytes: Number(data['bytes']), url: address(data['url']) },
      });
    }
  }

  private hear(said: Said): void {
    if (said.type !== 'signal' || said.signal !== 'typing' || said.key !== this.conversation) return;
    if (said.actor && (said.actor.kind === 'customer') === (this.role === 'customer')) return;
    clearTimeout(this.stopping);
    this.store.set({ typing: true });
    this.stopping = setTimeout(() => this.store.set({ typing: false }), TYPING_MS);
  }

  private come(message: Shown): void {
    const { panel, messages, unread } = this.store.get();
    if (messages.some((one) => one.id === message.id)) return;
    // One's own word may come back before its answer does.
    const own = message.isOwn ? messages.find((one) => one.state === 'sending' && one.body === message.body) : undefined;
    if (own) return this.settle(own.id, message);
    this.add([message]);
    if (!message.isOwn) this.store.set({ typing: false, unread: panel === 'chat' ? 0 : unread + 1 });
  }

  private add(more: Shown[]): void {
    const { messages } = this.store.get();
    const fresh = more.filter((one) => !messages.some((other) => other.id === one.id));
    if (fresh.length > 0) this.store.set({ messages: [...messages, ...fresh].sort((a, b) => a.sent_at.localeCompare(b.sent_at)) });
  }

  private put(message: Shown): void {
    const others = this.store.get().messages.filter((one) => one.id !== message.id);
    this.store.set({ messages: [...others, message] });
  }

  /** What was on its way has arrived, or has not. */
  private settle(id: string, message: Shown): void {
    const others = this.store.get().messages.filter((one) => one.id !== id && one.id !== message.id);
    this.store.set({ messages: [...others, message].sort((a, b) => a.sent_at.localeCompare(b.sent_at)) });
  }

  private ofView(item: MessageView): Shown {
    const file = item.file;
    return {
      id: item.id,
      body: item.body ?? null,
      sent_at: item.sent_at,
      ...this.by({ kind: item.author_kind, id: item.author_id }),
      state: 'sent',
      ...(file ? { file: { name: item.body ?? '', media_type: file.media_type, bytes: file.bytes, url: address(file.url) } } : {}),
    };
  }

  private by(author: unknown): { author: Shown['author']; isOwn: boolean } {
    const { kind, id } = (author ?? {}) as { kind?: string; id?: string | null };
    const known = kind === 'customer' || kind === 'shopper' ? kind : 'system';
    // A call has one customer; of the house there may be several, and only they see who is who.
    const isOwn = this.role === 'customer' ? known === 'customer' : id != null && id === this.store.get().me?.user_id;
    return { author: known, isOwn };
  }

  private get role(): Role {
    return this.store.get().role;
  }

  private get path(): string {
    return `/v1/conversations/${this.conversation}`;
  }
}

function address(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
