// Who is in the room, and how their microphone and camera stand: from the record, kept up by what happens.

import type { Client } from '../../api/client';
import type { Happened } from '../../api/live';
import type { MediaParticipantView, MediaView, PeopleView } from '../../api/schema.gen';
import { t } from '../../texts/texts';
import type { Store } from '../../ui/store';
import type { Meeting } from './meeting';
import { nameOfPresent, type Present, type Role, type State } from './state';

/** The people in the room. */
export class Roster {
  private loading: Promise<void> | null = null;
  private wanted = 0;

  constructor(
    private readonly store: Store<State>,
    private readonly client: Client,
    private readonly meeting: Meeting,
    private readonly tell: (text: string) => void,
  ) {}

  /** Something happened in the room: shown at once, and read anew, since the reading before may be older than this. */
  happened({ event, data, position }: Happened): void {
    if (!event.startsWith('media.')) return;
    const id = String(data['participant_id'] ?? '');
    const change = CHANGES[event];
    if (change) this.meeting.update(id, change);
    if (event === 'media.participant_left') {
      this.said('people-left', id);
      this.store.set({ present: this.store.get().present.filter((one) => one.id !== id) });
    }
    const loaded = this.load(position);
    if (event === 'media.participant_joined') void loaded.then(() => this.said('people-joined', id));
  }

  /** Says who came or went, by name; of whom nothing is known, nothing is said. */
  private said(what: 'people-joined' | 'people-left', id: string): void {
    const state = this.store.get();
    const one = state.present.find((present) => present.id === id);
    const name = one && nameOfPresent(state, one);
    if (name && state.stage.is === 'call') this.tell(what === 'people-joined' ? t('people-joined', { name }) : t('people-left', { name }));
  }

  /** Reads who is there, as of this position at least. What happens meanwhile is read once, when this reading is done. */
  private load(position: number): Promise<void> {
    this.wanted = Math.max(this.wanted, position);
    this.loading ??= this.read().finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  private async read(): Promise<void> {
    for (let reached = 0; reached < this.wanted; ) {
      reached = this.wanted;
      const { callId, self } = this.store.get();
      const path = `/v1/calls/${callId}`;
      const [media, named] = await Promise.all([
        this.client.ask<MediaView>('GET', `${path}/media?at_least=${reached}`).catch(() => null),
        this.client.ask<PeopleView>('GET', `${path}/people?at_least=${reached}`).catch(() => null),
      ]);
      // What this reading does not know of yet is in the next one.
      if (!media || !named || reached < this.wanted) continue;
      const names = new Map(named.people.flatMap((one) => one.presences.map((presence) => [presence, one.name ?? null] as const)));
      const known = new Map(this.store.get().present.map((one) => [one.id, one]));
      const here = media.participants.filter((one) => one.joined_at && !one.left_at && one.id !== self);
      const present = here.map((one) => merge(one, names.get(one.id) ?? null, known.get(one.id)));
      this.store.set({ people: named.people, present });
    }
  }
}

/** What an event says of somebody, where it says all. */
const CHANGES: Record<string, Partial<Present>> = {
  'media.mic_muted': { isMuted: true },
  'media.mic_unmuted': { isMuted: false },
  'media.camera_on': { hasCamera: true },
  'media.camera_off': { hasCamera: false },
  'media.screen_share_started': { shares: true },
  'media.screen_share_stopped': { shares: false },
};

function merge(one: MediaParticipantView, name: string | null, known: Present | undefined): Present {
  const kind: Role = one.role === 'customer' ? 'customer' : 'shopper';
  const track = (source: string) => one.tracks.find((track) => track.source === source && !track.ended_at);
  return {
    id: one.id,
    kind,
    name,
    isMuted: track('microphone')?.is_muted ?? true,
    hasCamera: track('camera')?.is_muted === false,
    shares: track('screen')?.is_muted === false,
    speaks: known?.speaks ?? false,
  };
}
