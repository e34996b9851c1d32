// The parts of a call's recording: one file for each presence, with its place on the call's line of time.

import type { Client } from '../api/client';
import type { NamedView, RecordingsView } from '../api/schema.gen';

/** A file of the recording. */
export interface Part {
  id: string;
  name: string | null;
  kind: string;
  state: 'ready' | 'not_ready' | 'lost';
  /** Where it begins on the call's line of time. */
  offsetMs: number;
  durationMs: number;
  /** The address that a player gets it from, in parts as it likes. */
  url: string | null;
  holds: 'person' | 'screen';
}

/** All parts of a call's recording, the earliest first. */
export async function load(client: Client, callId: string, people: NamedView[]): Promise<Part[]> {
  const { items } = await client.ask<RecordingsView>('GET', `/v1/calls/${callId}/recordings`);
  const parts = items.map((one): Part => {
    const kind = one.role === 'customer' ? 'customer' : 'shopper';
    const known = people.find((person) => person.id === one.who) ?? people.find((person) => person.kind === kind);
    const state = one.status === 'ready' ? 'ready' : one.status === 'lost' || one.status === 'failed' || one.status === 'deleted' ? 'lost' : 'not_ready';
    const holds = one.holds === 'screen' ? 'screen' : 'person';
    return { id: one.id, name: known?.name ?? null, kind, state, offsetMs: one.offset_ms, durationMs: one.duration_ms ?? 0, url: one.url ?? null, holds };
  });
  return parts.sort((a, b) => a.offsetMs - b.offsetMs);
}
