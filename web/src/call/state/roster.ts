// Who is in the room, and how their microphone and camera stand: from the record, kept up by what happens.

import type { Client } from '../../api/client';
import type { Happened } from '../../api/live';
import { t } from '../../texts/texts';
import type { Store } from '../../ui/store';
import type { Meeting } from './meeting';
import { nameOf, type Present, type Role, type State } from './state';

/** A participant as the record of the call has them. */
interface Recorded {
  id: string;
  who?: string | null;
  role?: string | null;
  joined_at?: string | null;
  left_at?: string | null;
  tracks: Array<{ source: string; ended_at?: string | null; is_muted: boolean }>;
}

/** The people in the room. */
export class Roster {
  private loading: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: Store<State>,
    private readonly client: Client,
    private readonly meeting: Meeting,
    private readonly tell: (text: string) => void,
  ) {}

  /** Something happened in the room. */
  happened({ event, data, position }: Happened): void {
    const id = String(data['participant_id'] ?? '');
    switch (event) {
      case 'media.participant_joined':
        void this.load(position).then(() => this.said('people-joined', id));
        break;
      case 'media.track_published':
      case 'media.track_unpublished':
        void this.load(position);
        break;
      case 'media.participant_left':
        this.said('people-left', id);
        this.store.set({ present: this.store.get().present.filter((one) => one.id !== id) });
        break;
      case 'media.mic_muted':
        this.meeting.update(id, { isMuted: true });
        break;
      case 'media.mic_unmuted':
        this.meeting.update(id, { isMuted: false });
        break;
      case 'media.camera_on':
        this.meeting.update(id, { hasCamera: true });
        break;
      case 'media.camera_off':
        this.meeting.update(id, { hasCamera: false });
        break;
      case 'media.screen_share_started':
        this.meeting.update(id, { shares: true });
        break;
      case 'media.screen_share_stopped':
        this.meeting.update(id, { shares: false });
        break;
    }
  }

  /** Says who came or went, by name; of whom nothing is known, nothing is said. */
  private said(what: 'people-joined' | 'people-left', id: string): void {
    const state = this.store.get();
    const one = state.present.find((present) => present.id === id);
    const name = one && nameOf(state, one.kind, one.who);
    if (name && state.stage.is === 'call') this.tell(what === 'people-joined' ? t('people-joined', { name }) : t('people-left', { name }));
  }

  /** Reads who is there, as of this position at least. */
  load(position: number): Promise<void> {
    this.loading = this.loading.then(async () => {
      const { callId, self } = this.store.get();
      const read = await this.client
        .ask<{ participants?: Recorded[] }>('GET', `/v1/calls/${callId}/media?at_least=${position}`)
        .catch(() => null);
      if (!read?.participants) return;
      const here = read.participants.filter((one) => one.joined_at && !one.left_at && one.id !== self);
      const known = new Map(this.store.get().present.map((one) => [one.id, one]));
      this.store.set({ present: here.map((one) => merge(one, known.get(one.id))) });
    });
    return this.loading;
  }
}

function merge(one: Recorded, known: Present | undefined): Present {
  const kind: Role = one.role === 'customer' ? 'customer' : 'shopper';
  const track = (source: string) => one.tracks.find((track) => track.source === source && !track.ended_at);
  return {
    id: one.id,
    kind,
    who: one.who ?? null,
    isMuted: track('microphone')?.is_muted ?? true,
    hasCamera: track('camera')?.is_muted === false,
    shares: track('screen')?.is_muted === false,
    speaks: known?.speaks ?? false,
  };
}
