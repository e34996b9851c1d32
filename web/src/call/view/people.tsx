// Who is in the call, and how their microphone and camera stand.

import { t, titled } from '../../texts/texts';
import { Icon } from '../../ui/icons';
import { Button } from '../../ui/parts';
import { nameOf, nameOfPresent, type State } from '../state/state';
import type { Visit } from '../state/visit';
import { Initial } from './video';

export function People({ state, visit }: { state: State; visit: Visit }) {
  const { own, role, present } = state;
  const mine = nameOf(state, role, role === 'customer' ? (state.call?.customer_id ?? null) : (state.call?.shopper_id ?? null));
  const rows = [
    { id: 'self', name: mine, kind: role, isSelf: true, isMuted: !own.microphone || own.isMuted, hasCamera: own.camera !== null, shares: own.screen !== null },
    ...present.map((one) => ({ ...one, name: nameOfPresent(state, one), isSelf: false })),
  ];
  return (
    <div class="people">
      <ul>
        {rows.map((one) => (
          <li key={one.id}>
            <Initial name={one.name} />
            <span class="person">
              <b>{one.name ?? titled(t(one.kind === 'shopper' ? 'somebody' : 'the-customer'))}{one.isSelf && ` (${t('you')})`}</b>
              <small>{[t(`kind-${one.kind}`), one.shares && t('shares-screen')].filter(Boolean).join(' · ')}</small>
            </span>
            <span class="marks" role="img" aria-label={`${t(one.isMuted ? 'is-muted' : 'is-heard')}, ${t(one.hasCamera ? 'is-seen' : 'is-unseen')}`}>
              <Icon name={one.isMuted ? 'muted' : 'microphone'} />
              <Icon name={one.hasCamera ? 'camera' : 'camera_off'} />
            </span>
          </li>
        ))}
      </ul>
      <Button kind="second" onClick={() => void copy(visit)}><Icon name="link" /> {t('copy-link')}</Button>
      <p class="small">{t('copy-link-what')}</p>
    </div>
  );
}

/** Puts the customer's link on the clipboard. */
export async function copy(visit: Visit): Promise<void> {
  try {
    await navigator.clipboard.writeText(await visit.link());
    visit.notify(t('link-copied'));
  } catch {
    visit.notify(t('link-not-copied'), 'alarm');
  }
}
