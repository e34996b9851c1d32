// Everything that the call page knows. Views read it, the other files of this folder replace it.

import type { Standing } from '../../api/live';
import type { CallView, CartView, CurrentSession, MessageView, NamedView, PlaceView, Product, ShopView } from '../../api/schema.gen';
import { type Locale, wished } from '../../texts/texts';
import { type Choice, type Known, remembered } from '../media/devices';
import type { Failure } from '../media/failures';

/** Who has the page open. */
export type Role = 'customer' | 'shopper';

/** What the page shows. */
export type Stage =
  | { is: 'loading' }
  | { is: 'sign_in' }
  /** Before the call: permission, devices, consent. */
  | { is: 'ready' }
  /** The customer waits for somebody. */
  | { is: 'waiting' }
  | { is: 'call' }
  | { is: 'survey' }
  | { is: 'thanks' }
  /** The call is over, or cannot be. */
  | { is: 'over'; why: Over }
  /** The page cannot do its work now. */
  | { is: 'trouble'; why: Trouble };

export type Over = 'ended' | 'cancelled' | 'no_agent' | 'taken';
export type Trouble = 'link' | 'not_found' | 'not_allowed' | 'unreachable' | 'browser';

/** How the media connection stands. */
export type Link = 'none' | 'connecting' | 'connected' | 'reconnecting' | 'failed';

/** What of ours the others get. */
export interface Own {
  microphone: MediaStreamTrack | null;
  camera: MediaStreamTrack | null;
  screen: MediaStreamTrack | null;
  isMuted: boolean;
  failures: { microphone?: Failure; camera?: Failure };
  /** Whether the devices have been asked for. */
  wasAsked: boolean;
  isAsking: boolean;
}

/** Somebody whose media is connected. */
export interface Present {
  id: string;
  kind: Role;
  /** What they are called, as far as it is known. */
  name: string | null;
  isMuted: boolean;
  hasCamera: boolean;
  shares: boolean;
  speaks: boolean;
}

/** A message that is shown: of the record, or on its way there. */
export interface Shown extends Pick<MessageView, 'id' | 'body' | 'sent_at'> {
  author: Role | 'system';
  isOwn: boolean;
  file?: { name: string; media_type: string; bytes: number; url: string | null };
  state: 'sent' | 'sending' | 'failed';
}

export type Panel = 'chat' | 'products' | 'people' | 'devices' | null;

/** A text to consent to. */
export interface Consent {
  text: string;
  version: string;
  privacy: string | null;
  terms: string | null;
  isGiven: boolean;
}

/** Something that is said once, beside the picture, and goes. */
export interface Notice {
  id: string;
  tone: 'plain' | 'alarm';
  text: string;
}

export interface State {
  callId: string;
  role: Role;
  /** Of a shopper: who it is. */
  me: CurrentSession | null;
  locale: Locale;
  stage: Stage;
  standing: Standing;
  shop: ShopView | null;
  call: CallView | null;
  people: NamedView[];
  place: PlaceView | null;
  /** Whether the customer has asked to be let in, so that the page goes on by itself when somebody comes. */
  isIn: boolean;
  /** What the customer is asked to consent to; `null` where nothing is asked. */
  consent: Consent | null;
  own: Own;
  choice: Choice;
  known: Known;
  link: Link;
  /** Why the media connection could not be made. */
  linkFailure: Failure | null;
  present: Present[];
  /** Our own presence in the room. */
  self: string | null;
  /** Whether the shop records calls: never, when the shopper asks, or all of whose customer agrees. */
  recordingRule: 'off' | 'on_request' | 'always';
  isRecording: boolean;
  /** Whether being recorded has been asked of this person, or by this person of the customer. */
  recordingAsked: 'of_us' | 'by_us' | null;
  /** Whether the customer agreed to it beforehand. */
  mayRecord: boolean;
  panel: Panel;
  messages: Shown[];
  unread: number;
  typing: boolean;
  cart: CartView | null;
  /** The product that is being held up to the customer now. */
  highlight: Product | null;
  /** Products that came while their panel was shut. */
  unseen: number;
  notice: Notice | null;
  /** What is being done now, so that a button is not pressed twice. */
  busy: string | null;
  refusal: string | null;
  begunAt: number | null;
}

/** The beginning. */
export function begin(callId: string, role: Role): State {
  return {
    callId,
    role,
    me: null,
    locale: wished(),
    stage: { is: 'loading' },
    standing: 'connecting',
    shop: null,
    call: null,
    people: [],
    place: null,
    isIn: false,
    consent: null,
    own: { microphone: null, camera: null, screen: null, isMuted: false, failures: {}, wasAsked: false, isAsking: false },
    choice: remembered(),
    known: { microphones: [], cameras: [], speakers: [] },
    link: 'none',
    linkFailure: null,
    present: [],
    self: null,
    recordingRule: 'off',
    isRecording: false,
    recordingAsked: null,
    mayRecord: false,
    panel: null,
    messages: [],
    unread: 0,
    typing: false,
    cart: null,
    highlight: null,
    unseen: 0,
    notice: null,
    busy: null,
    refusal: null,
    begunAt: null,
  };
}

/** The name that this person shows. */
export function nameOf(state: State, kind: Role, who: string | null): string | null {
  const known = state.people.filter((one) => one.kind === kind);
  return (known.find((one) => one.id === who) ?? (known.length === 1 ? known[0] : undefined))?.name ?? null;
}

/** The name of somebody in the room. */
export function nameOfPresent(state: State, one: Present): string | null {
  return one.name ?? nameOf(state, one.kind, null);
}

/** The other side of the call, by name: the shopper to a customer, the customer to a shopper. */
export function otherName(state: State): string | null {
  const kind = state.role === 'customer' ? 'shopper' : 'customer';
  // A customer is not told who of the house holds the call: it is who came first of those who are there.
  return nameOf(state, kind, null) ?? state.people.find((one) => one.kind === kind && one.presences.length > 0)?.name ?? null;
}
