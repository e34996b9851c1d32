// The customer waits: which place, how long about, and that nothing need be done.

import { clock, t } from '../../texts/texts';
import { Button, Heading, Refusal, Round } from '../../ui/parts';
import { otherName, type State } from '../state/state';
import type { Visit } from '../state/visit';
import { Chat } from './chat';
import { Mirror } from './video';

export function Waiting({ state, visit }: { state: State; visit: Visit }) {
  const { call, place, own } = state;
  const isClaimed = call?.status === 'claimed';
  const ahead = place?.ahead ?? null;
  // Why they wait again, when they had met somebody.
  const told = state.messages.filter((one) => one.author === 'system').at(-1)?.body;
  return (
    <main class={`waiting ${state.panel === 'chat' ? 'beside' : ''}`}>
      <div class="waiting-middle">
        <p class="over-line">{isClaimed ? t('waiting-kind-claimed') : t('waiting-kind')}</p>
        {isClaimed ? (
          <Heading>{t('waiting-claimed', { name: otherName(state) ?? t('somebody') })}</Heading>
        ) : (
          <>
            <Heading>{ahead === null ? t('waiting-soon') : ahead === 0 ? t('waiting-next') : t('waiting-place')}</Heading>
            {ahead !== null && ahead > 0 && <p class="place" aria-hidden="true">{ahead + 1}</p>}
          </>
        )}
        {!isClaimed && told && <p class="lead" role="status">{told}</p>}
        <p class="lead" role="status">
          {isClaimed ? t('waiting-claimed-more') : (place?.nobody_available?.message ?? (ahead === null || ahead === 0 ? t('waiting-stay') : t('waiting-ahead', { ahead })))}
        </p>
        {!isClaimed && place?.nobody_available?.next_open_at && <p class="lead">{t('waiting-open-at', { at: clock(place.nobody_available.next_open_at) })}</p>}
        {!isClaimed && place?.estimate && <p class="small">{t('waiting-estimate', { minutes: Math.max(1, Math.round(place.estimate.eta_s / 60)) })}</p>}
        <div class="breath" aria-hidden="true"><i /><i /><i /></div>
        <div class="deeds middle">
          <Button kind="second" onClick={() => visit.store.set({ panel: state.panel === 'chat' ? null : 'chat' })}>{t('waiting-write')}</Button>
          {!isClaimed && <Button kind="quiet" isBusy={state.busy === 'give_up'} onClick={() => void visit.giveUp()}>{t('waiting-leave')}</Button>}
        </div>
        <Refusal text={state.refusal} />
      </div>
      {own.camera && (
        <div class="waiting-mirror">
          <Mirror track={own.camera} />
          <div class="glass-controls">
            <Round
              name="microphone"
              icon={own.microphone && !own.isMuted ? 'microphone' : 'muted'}
              label={own.microphone && !own.isMuted ? t('mute') : t('unmute')}
              tone={own.microphone && !own.isMuted ? 'plain' : 'off'}
              onClick={() => void visit.own.toggleMicrophone()}
            />
            <Round name="camera" icon="camera" label={t('camera-turn-off')} onClick={() => void visit.own.toggleCamera()} />
          </div>
        </div>
      )}
      {state.panel === 'chat' && (
        <aside class="panel" aria-label={t('chat')}>
          <Chat state={state} visit={visit} />
        </aside>
      )}
    </main>
  );
}
