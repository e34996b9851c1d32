// The way of a person through a call: what the record says decides what the page shows, and every deed is a command to it.

import { Client, Refused, Unreachable } from '../../api/client';
import { type Happened, Live, type Said } from '../../api/live';
import type { CallView, ConsentView, CurrentSession, PeopleView, PlaceView, SignedIn } from '../../api/schema.gen';
import { type Locale, locale, t } from '../../texts/texts';
import type { Face } from '../../ui/faces';
import type { Store } from '../../ui/store';
import { type Entry, keepStaffToken, rememberIn, wasIn } from './entry';
import { Goods } from './goods';
import { Meeting } from './meeting';
import { Own } from './own';
import { Roster } from './roster';
import type { Consent, Over, Stage, State, Trouble } from './state';
import { Talk } from './talk';
import { Tape } from './tape';
import { Watch } from './watch';

/** How often one's place in the queue is asked for: others come and go without this call hearing of it. */
const PLACE_EVERY_MS = 4_000;
/** How long a notice stands. */
const NOTICE_MS = 6_000;

/** What has a token: everything but signing in. */
interface Tools {
  client: Client;
  live: Live;
  meeting: Meeting;
  talk: Talk;
  goods: Goods;
  roster: Roster;
  tape: Tape;
}

/** A person's visit. */
export class Visit {
  readonly own: Own;
  private readonly watch = new Watch();
  private tools: Tools | null = null;
  private placing: ReturnType<typeof setInterval> | undefined;
  private fading: ReturnType<typeof setTimeout> | undefined;
  private loading: Promise<void> = Promise.resolve();

  constructor(
    readonly store: Store<State>,
    private readonly entry: Entry,
  ) {
    this.own = new Own(store, () => this.tools?.meeting ?? null);
  }

  get talk(): Talk | null {
    return this.tools?.talk ?? null;
  }

  get goods(): Goods | null {
    return this.tools?.goods ?? null;
  }

  get tape(): Tape | null {
    return this.tools?.tape ?? null;
  }

  get meeting(): Meeting | null {
    return this.tools?.meeting ?? null;
  }

  /** Begins, or begins anew after trouble. */
  async begin(): Promise<void> {
    if (typeof RTCPeerConnection === 'undefined' || !navigator.mediaDevices) return this.trouble('browser');
    if (this.entry.token === null) return this.show({ is: 'sign_in' });
    await this.enter(this.entry.token);
  }

  /** Signs a shopper in. */
  async signIn(email: string, password: string): Promise<void> {
    await this.doing('sign_in', async () => {
      const signed = await new Client(null, locale).ask<SignedIn>('POST', '/v1/sessions', { body: { email, password } });
      keepStaffToken(signed.token);
      this.entry.token = signed.token;
      await this.enter(signed.token);
    });
  }

  /** Another account or person on this browser. */
  signOut(): void {
    keepStaffToken(null);
    location.reload();
  }

  private async enter(token: string): Promise<void> {
    const client = new Client(token, locale);
    const { callId } = this.store.get();
    try {
      const call = await client.ask<CallView & { position: number }>('GET', `/v1/calls/${callId}`);
      const { shop, people, recording } = await client.ask<PeopleView>('GET', `/v1/calls/${callId}/people`);
      this.store.set({ call, shop, people, recordingRule: ruleOf(recording.rule), isRecording: recording.state === 'on' });
      if (this.store.get().role === 'customer') await this.askForConsent(client);
      else this.store.set({ me: await client.ask<CurrentSession>('GET', '/v1/sessions/current') });
      this.equip(client, token, call);
    } catch (error) {
      this.refused(error);
      return;
    }
    await this.follow();
    if (wasIn(callId)) await this.resume();
  }

  private equip(client: Client, token: string, call: CallView & { position: number }): void {
    const live = new Live(token);
    const meeting = new Meeting(this.store, client, live);
    const tools: Tools = {
      client,
      live,
      meeting,
      talk: new Talk(this.store, client, live, call.conversation_id),
      goods: new Goods(this.store, client),
      tape: new Tape(this.store, client, live, (text) => this.notify(text)),
      roster: new Roster(this.store, client, meeting, (text) => this.notify(text)),
    };
    this.tools = tools;
    live.watch((standing) => {
      this.store.set({ standing });
      if (standing === 'refused') this.trouble('link');
    });
    live.listen((said) => this.hear(said));
    live.subscribe('call', 'call', call.id, call.position);
    live.open();
    void tools.talk.load(call.position);
    void tools.goods.load(call.position);
    addEventListener('pagehide', () => meeting.leave());
  }

  /** Goes on where a reload interrupted: permission and consent were given, and the others are waiting. */
  private async resume(): Promise<void> {
    if (!['waiting', 'claimed', 'live'].includes(this.store.get().call?.status ?? '')) return;
    await this.own.ask({ microphone: true, camera: true });
    await this.letIn();
  }

  /** The customer or shopper comes in: consent, the queue, the call. */
  async comeIn(): Promise<void> {
    await this.doing('come_in', () => this.letIn());
  }

  private async letIn(): Promise<void> {
    const { role, consent, callId, mayRecord } = this.store.get();
    if (consent?.isGiven) await this.consent(consent);
    if (role === 'customer' && mayRecord) await this.tools?.tape.agree();
    const status = this.store.get().call?.status;
    if (role === 'customer' && (status === 'requested' || status === 'scheduled')) await this.step('queue');
    if (role === 'shopper') {
      if (status === 'waiting' || status === 'requested' || status === 'scheduled') await this.step('claim');
      if (this.store.get().call?.status === 'claimed') await this.step('start');
    }
    this.store.set({ isIn: true });
    rememberIn(callId, 'in');
    await this.follow();
  }

  /** Another language was chosen; what the server says is asked for anew in it. */
  speaks(locale: Locale): void {
    this.store.set({ locale });
    if (this.store.get().consent) void this.askForConsent().catch(() => undefined);
  }

  /** What this customer is asked to consent to, in the language of the page. */
  async askForConsent(client = this.tools?.client): Promise<void> {
    // Where this fails, joining is refused with the reason.
    const asked = await client?.ask<ConsentView>('GET', `/v1/calls/${this.store.get().callId}/consent`).catch(() => null);
    const isGiven = this.store.get().consent?.isGiven ?? false;
    const { text, text_version: version, privacy_url: privacy = null, terms_url: terms = null } = asked ?? {};
    this.store.set({ consent: asked?.is_required && text && version ? { text, version, privacy, terms, isGiven } : null });
  }

  private async consent({ version }: Consent): Promise<void> {
    const { callId } = this.store.get();
    await this.tools?.client.ask('POST', `/v1/calls/${callId}/consent`, { body: { text_version: version, locale: locale() } });
  }

  /** A step of the call's life. */
  private async step(name: 'queue' | 'claim' | 'start' | 'end' | 'cancel'): Promise<void> {
    const { callId } = this.store.get();
    const done = await this.tools?.client.ask<{ position: number }>('POST', `/v1/calls/${callId}/${name}`, { body: {} });
    if (done) await this.load(done.position);
  }

  /** Takes the call without going live yet, so that nobody else does. */
  async claim(): Promise<void> {
    await this.doing('claim', async () => {
      await this.step('claim');
      await this.follow();
    });
  }

  /** Ends the call for everybody. */
  async end(): Promise<void> {
    await this.doing('end', async () => {
      await this.step('end');
      await this.follow();
    });
  }

  /** Stops waiting. */
  async giveUp(): Promise<void> {
    await this.doing('give_up', async () => {
      await this.step('cancel');
      await this.follow();
    });
  }

  /** Leaves the page's call without ending it: the others go on, and one may come back. */
  stepOut(): void {
    this.tools?.meeting.leave();
    rememberIn(this.store.get().callId, 'out');
    this.store.set({ isIn: false, panel: null });
    this.show({ is: 'ready' });
  }

  /** The address that lets the customer in, which dies with the call. The customer's own token, which opens more, is not passed on. */
  async link(): Promise<string> {
    const { callId } = this.store.get();
    const got = await this.tools?.client.ask<{ url: string }>('GET', `/v1/calls/${callId}/link`);
    return got?.url ?? '';
  }

  /** The customer's answer to the survey. */
  async rate({ nps, face, comment, question }: { nps: number; face: Face | null; comment: string; question: string }): Promise<void> {
    await this.doing('rate', async () => {
      const { callId } = this.store.get();
      const body = { nps, question, ...(face && { face }), ...(comment.trim() !== '' && { comment: comment.trim() }) };
      await this.tools?.client.ask('POST', `/v1/calls/${callId}/rating`, { body });
      this.show({ is: 'thanks' });
    });
  }

  skipSurvey(): void {
    this.show({ is: 'thanks' });
  }

  /** Says something once, beside the picture. */
  notify(text: string, tone: 'plain' | 'alarm' = 'plain'): void {
    clearTimeout(this.fading);
    this.store.set({ notice: { id: crypto.randomUUID(), tone, text } });
    this.fading = setTimeout(() => this.store.set({ notice: null }), NOTICE_MS);
  }

  /** Reads the call anew, as of this position at least. One reading after the other, so the newest is shown last. */
  private load(position: number): Promise<void> {
    this.loading = this.loading.then(async () => {
      const { callId } = this.store.get();
      try {
        const call = await this.tools?.client.ask<CallView>('GET', `/v1/calls/${callId}?at_least=${position}`);
        const named = await this.tools?.client.ask<PeopleView>('GET', `/v1/calls/${callId}/people?at_least=${position}`);
        if (call && named) this.store.set({ call, people: named.people });
      } catch (error) {
        if (error instanceof Refused && error.problem.status === 401) this.trouble('link');
      }
    });
    return this.loading;
  }

  private hear(said: Said): void {
    if (said.type !== 'event') return;
    const { tools } = this;
    tools?.talk.happened(said);
    tools?.goods.happened(said);
    tools?.roster.happened(said);
    tools?.tape.happened(said);
    if (said.event.startsWith('call.')) void this.load(said.position).then(() => this.follow());
    this.announce(said);
  }

  private announce({ event, actor }: Happened): void {
    const { role } = this.store.get();
    if (event === 'cart.item_added' && role === 'shopper' && actor.kind === 'customer') this.notify(t('notice-cart-added-by-customer'));
  }

  /** Brings the page to where the call stands. */
  private async follow(): Promise<void> {
    const { call, stage, isIn, role } = this.store.get();
    if (!call || stage.is === 'trouble' || stage.is === 'thanks' || stage.is === 'survey') return;
    const wanted = this.stageOf(call.status, isIn);
    this.queueing(wanted.is === 'waiting' && call.status !== 'claimed');
    const meets = isIn && (call.status === 'live' || call.status === 'claimed') && (role === 'customer' || call.status === 'live');
    if (meets) {
      void this.tools?.meeting.join();
      this.watch.on();
    } else if (call.status === 'waiting') {
      // Whoever had claimed it gave it back.
      this.tools?.meeting.leave();
    }
    if (['wrap_up', 'finished', 'cancelled', 'archived'].includes(call.status)) this.leave();
    if (wanted.is === stage.is) return;
    this.show(wanted);
    // What comes back is held against what was asked; that the question stands here does not wait for it.
    if (wanted.is === 'survey') void this.tools?.client.ask('POST', `/v1/calls/${call.id}/survey`, { body: {}, keepalive: true }).catch(() => {});
  }

  private stageOf(status: string, isIn: boolean): Stage {
    const { role, call, me } = this.store.get();
    switch (status) {
      case 'requested':
      case 'scheduled':
      case 'waiting':
      case 'claimed':
        if (role === 'shopper' && isOthers(call, me)) return { is: 'over', why: 'taken' };
        return isIn && role === 'customer' ? { is: 'waiting' } : { is: 'ready' };
      case 'live':
        if (role === 'shopper' && isOthers(call, me)) return { is: 'over', why: 'taken' };
        return isIn ? { is: 'call' } : { is: 'ready' };
      case 'cancelled':
        return { is: 'over', why: cancelled(call?.cancel_reason) };
      default:
        return role === 'customer' && call?.is_rated === false ? { is: 'survey' } : { is: 'over', why: 'ended' };
    }
  }

  private leave(): void {
    this.tools?.meeting.leave();
    this.own.release();
    this.watch.off();
    this.queueing(false);
    rememberIn(this.store.get().callId, 'out');
    this.store.set({ isIn: false, panel: null, notice: null });
    if (document.pictureInPictureElement) void document.exitPictureInPicture().catch(() => undefined);
  }

  private queueing(is: boolean): void {
    if (is && this.placing === undefined) {
      const look = async () => {
        try {
          const place = await this.tools?.client.ask<PlaceView>('GET', `/v1/calls/${this.store.get().callId}/queue`, { once: true });
          if (place) this.store.set({ place });
        } catch {
          // It is asked again in a moment.
        }
      };
      this.placing = setInterval(() => void look(), PLACE_EVERY_MS);
      void look();
    } else if (!is) {
      clearInterval(this.placing);
      this.placing = undefined;
    }
  }

  /** Does one thing at a time, and shows why when it is refused. */
  private async doing(name: string, deed: () => Promise<void>): Promise<void> {
    if (this.store.get().busy !== null) return;
    this.store.set({ busy: name, refusal: null });
    try {
      await deed();
    } catch (error) {
      this.store.set({ refusal: error instanceof Refused ? sentence(error) : t('refusal-unreachable') });
      if (error instanceof Refused && error.problem.status === 401 && name !== 'sign_in') this.refused(error);
      // Somebody else may have been faster: the record says where the call stands now.
      await this.load(0).then(() => this.follow());
    } finally {
      this.store.set({ busy: null });
    }
  }

  private refused(error: unknown): void {
    const { role } = this.store.get();
    if (error instanceof Refused) {
      if (error.problem.status === 401) {
        if (role === 'shopper') {
          keepStaffToken(null);
          this.entry.token = null;
          return this.show({ is: 'sign_in' });
        }
        return this.trouble('link');
      }
      return this.trouble(error.problem.status === 404 ? 'not_found' : 'not_allowed');
    }
    this.trouble(error instanceof Unreachable ? 'unreachable' : 'not_found');
  }

  private trouble(why: Trouble): void {
    this.queueing(false);
    this.show({ is: 'trouble', why });
  }

  private show(stage: Stage): void {
    this.store.set({ stage, refusal: null });
  }
}

/** Whether a colleague holds the call, and this shopper was not asked into it. */
function isOthers(call: CallView | null, me: CurrentSession | null): boolean {
  if (!call?.shopper_id || !me?.is_shopper) return false;
  return call.shopper_id !== me.user_id && !call.participants.includes(me.user_id);
}

function ruleOf(rule: string): State['recordingRule'] {
  return rule === 'on_request' || rule === 'always' ? rule : 'off';
}

function sentence(refused: Refused): string {
  return refused.problem.title;
}

function cancelled(reason: string | null | undefined): Over {
  return reason === 'no_agent' || reason === 'expired' ? 'no_agent' : 'cancelled';
}
