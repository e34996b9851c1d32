// Whether the call is recorded: the shopper asks, the customer agrees or not, and both see it as long as it lasts.

import { type Client, Refused } from '../../api/client';
import type { Happened, Live, Said } from '../../api/live';
import { locale, t } from '../../texts/texts';
import type { Store } from '../../ui/store';
import type { State } from './state';

/** The words that the customer agrees to on this page, so that the record says which they were. It changes when they do. */
const TEXT_VERSION = '2026-11';

/** The recording of a call. */
export class Tape {
  constructor(
    private readonly store: Store<State>,
    private readonly client: Client,
    private readonly live: Live,
    private readonly tell: (text: string) => void,
  ) {
    live.listen((said) => this.hear(said));
  }

  /** The shopper begins or ends it. Where the customer has not agreed yet, the customer is asked. */
  async toggle(): Promise<void> {
    const { isRecording } = this.store.get();
    try {
      await this.turn(isRecording ? 'off' : 'on');
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'not_allowed' || isRecording) {
        this.tell(error instanceof Refused ? error.problem.title : t('refusal-unreachable'));
        return;
      }
      this.store.set({ recordingAsked: 'by_us' });
      this.ask({ for: 'recording' });
      this.tell(t('tape-asked'));
    }
  }

  /** The customer agrees to being recorded. */
  async agree(): Promise<void> {
    const body = { kind: 'recording', text_version: TEXT_VERSION, locale: locale() };
    await this.client.ask('POST', `${this.path}/consent`, { body });
    this.store.set({ recordingAsked: null });
  }

  /** The customer does not. Nothing is written down: there is nothing to undo. */
  decline(): void {
    this.ask({ for: 'recording', answer: 'no' });
    this.store.set({ recordingAsked: null });
  }

  /** Something happened to it. */
  happened({ event, data }: Happened): void {
    const { role, recordingAsked, isRecording } = this.store.get();
    if (event === 'recording.switched') {
      const isOn = data['state'] === 'on';
      if (isOn !== isRecording) this.tell(isOn ? t('tape-begins') : t('tape-ends'));
      this.store.set({ isRecording: isOn, recordingAsked: null });
    }
    if (event === 'consent.given' && data['kind'] === 'recording' && role === 'shopper' && recordingAsked === 'by_us') {
      void this.turn('on').catch(() => this.tell(t('refusal-unreachable')));
    }
  }

  private async turn(state: 'on' | 'off'): Promise<void> {
    await this.client.ask('POST', `${this.path}/recording`, { body: { state } });
  }

  private hear(said: Said): void {
    if (said.type !== 'signal' || said.signal !== 'ask' || said.data['for'] !== 'recording') return;
    const { role, recordingAsked } = this.store.get();
    const isAnswer = said.data['answer'] !== undefined;
    if (role === 'customer' && !isAnswer) this.store.set({ recordingAsked: 'of_us' });
    if (role === 'shopper' && isAnswer && recordingAsked === 'by_us') {
      this.store.set({ recordingAsked: null });
      this.tell(t('tape-declined'));
    }
  }

  private ask(data: Record<string, string>): void {
    this.live.say({ type: 'signal', topic: 'call', key: this.store.get().callId, signal: 'ask', data });
  }

  private get path(): string {
    return `/v1/calls/${this.store.get().callId}`;
  }
}
