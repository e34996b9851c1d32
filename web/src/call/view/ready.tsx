// Before the call: why a camera is wanted, then what it shows, which one it is, and the consent.

import { useEffect, useRef } from 'preact/hooks';
import { moment, t } from '../../texts/texts';
import { Icon } from '../../ui/icons';
import { Button, Heading, Refusal, Round } from '../../ui/parts';
import { measure } from '../media/level';
import { otherName, type State } from '../state/state';
import type { Visit } from '../state/visit';
import { Mirror } from './video';

/** The page before the call. */
export function Ready({ state, visit }: { state: State; visit: Visit }) {
  const { own } = state;
  return (
    <main class="entry">
      <section class="glass" aria-label={t('preview')}>
        {own.camera ? <Mirror track={own.camera} /> : <Icon name={own.wasAsked ? 'camera_off' : 'camera'} />}
        {!own.camera && <p class="glass-word">{own.wasAsked ? t('camera-is-off') : t('preview-comes-here')}</p>}
        {own.wasAsked && (
          <div class="glass-controls">
            <Round
              name="microphone"
              icon={own.microphone && !own.isMuted ? 'microphone' : 'muted'}
              label={own.microphone && !own.isMuted ? t('mute') : t('unmute')}
              tone={own.microphone && !own.isMuted ? 'plain' : 'off'}
              onClick={() => void visit.own.toggleMicrophone()}
            />
            <Round
              name="camera"
              icon={own.camera ? 'camera' : 'camera_off'}
              label={own.camera ? t('camera-turn-off') : t('camera-turn-on')}
              tone={own.camera ? 'plain' : 'off'}
              onClick={() => void visit.own.toggleCamera()}
            />
          </div>
        )}
      </section>
      <section class="words">
        <Intro state={state} />
        {own.wasAsked ? <Prepared state={state} visit={visit} /> : <Explained state={state} visit={visit} />}
        <Refusal text={state.refusal} />
      </section>
    </main>
  );
}

function Intro({ state }: { state: State }) {
  const { role, call } = state;
  const name = otherName(state);
  const key = role === 'shopper' ? 'shopper' : call?.status === 'live' ? 'live' : call?.status === 'scheduled' ? 'scheduled' : 'customer';
  return (
    <>
      <p class="over-line">{t(`ready-kind-${role}`)}</p>
      <Heading>{t(`ready-title-${key}`, { name: name ?? t(role === 'customer' ? 'somebody' : 'the-customer') })}</Heading>
      {call?.schedule?.starts_at && call.status === 'scheduled' && <p class="lead">{moment(call.schedule.starts_at)}</p>}
      {call?.product && <p class="lead">{t('ready-about', { product: call.product.name })}</p>}
    </>
  );
}

/** What will be asked, before the browser asks it. */
function Explained({ state, visit }: { state: State; visit: Visit }) {
  const { own } = state;
  return (
    <>
      <p class="lead">{t('permission-why')}</p>
      <ul class="facts">
        <li><Icon name="camera" /> {t('permission-camera')}</li>
        <li><Icon name="microphone" /> {t('permission-microphone')}</li>
        <li><Icon name="check" /> {t('permission-yours')}</li>
      </ul>
      <div class="deeds">
        <Button kind="first" isBusy={own.isAsking} onClick={() => void visit.own.ask({ microphone: true, camera: true })}>
          {t('permission-allow')}
        </Button>
        <Button kind="quiet" disabled={own.isAsking} onClick={() => void visit.own.ask({ microphone: true, camera: false })}>
          {t('permission-sound-only')}
        </Button>
        <Button kind="quiet" disabled={own.isAsking} onClick={() => void visit.own.ask({ microphone: false, camera: false })}>
          {t('permission-none')}
        </Button>
      </div>
    </>
  );
}

function Prepared({ state, visit }: { state: State; visit: Visit }) {
  const { role, call, busy, own, consent } = state;
  const waits = role === 'shopper' && (call?.status === 'waiting' || call?.status === 'requested');
  const label = role === 'shopper' ? (waits ? 'come-in-take' : call?.status === 'live' ? 'come-in-join' : 'come-in-start') : 'come-in-join';
  return (
    <form
      class="prepared"
      onSubmit={(event) => {
        event.preventDefault();
        void (waits ? visit.claim() : visit.comeIn());
      }}
    >
      <Failures state={state} visit={visit} />
      <Devices state={state} visit={visit} />
      {consent && (
        <div class="consent">
          <input
            id="consent"
            type="checkbox"
            required
            checked={consent.isGiven}
            onChange={(event) => visit.store.set({ consent: { ...consent, isGiven: event.currentTarget.checked } })}
          />
          <div>
            <label for="consent">{consent.text}</label>
            <p class="small">
              {consent.privacy && <a href={consent.privacy} target="_blank" rel="noopener noreferrer">{t('consent-privacy')}</a>}
              {consent.terms && <a href={consent.terms} target="_blank" rel="noopener noreferrer">{t('consent-terms')}</a>}
            </p>
          </div>
        </div>
      )}
      {role === 'customer' && state.recordingRule === 'always' && (
        <div class="consent">
          <input id="may-record" type="checkbox" checked={state.mayRecord} onChange={(event) => visit.store.set({ mayRecord: event.currentTarget.checked })} />
          <label for="may-record">{t('tape-agree')}</label>
        </div>
      )}
      <div class="deeds">
        <Button kind="first" type="submit" isBusy={busy !== null} disabled={own.isAsking}>{t(label)}</Button>
      </div>
    </form>
  );
}

/** What was not to be had, why, and what to do about it. */
function Failures({ state, visit }: { state: State; visit: Visit }) {
  const { failures } = state.own;
  const reasons = [...new Set(Object.values(failures).filter((reason) => reason !== undefined))];
  if (reasons.length === 0) return null;
  const which = failures.microphone && failures.camera ? 'both' : failures.camera ? 'camera' : 'microphone';
  return (
    <div class="failure" role="alert">
      <p><strong>{t(`failure-${which}`)}</strong> {t(`failure-${reasons[0]}`)}</p>
      <Button kind="second" onClick={() => void visit.own.ask({ microphone: true, camera: true })}>{t('try-again')}</Button>
    </div>
  );
}

/** Which microphone, camera, loudspeaker; and that one is heard. */
export function Devices({ state, visit }: { state: State; visit: Visit }) {
  const { known, own, choice } = state;
  const rows = [
    { kind: 'camera', list: known.cameras, current: own.camera?.getSettings().deviceId },
    { kind: 'microphone', list: known.microphones, current: own.microphone?.getSettings().deviceId },
    { kind: 'speaker', list: known.speakers, current: choice.speaker ?? 'default' },
  ] as const;
  return (
    <div class="devices">
      {rows.map(({ kind, list, current }) =>
        list.length === 0 ? null : (
          <div key={kind}>
            <label class="field">
              <span>{t(`device-${kind}`)}</span>
              <select value={current ?? list[0]?.deviceId} onChange={(event) => void visit.own.choose(kind, event.currentTarget.value)}>
                {list.map((device, index) => (
                  <option key={device.deviceId} value={device.deviceId}>{device.label || t('device-number', { number: index + 1 })}</option>
                ))}
              </select>
            </label>
            {kind === 'microphone' && own.microphone && <Level track={own.microphone} />}
          </div>
        ),
      )}
    </div>
  );
}

/** How loud one is. Drawn past the view, twenty times a second. */
function Level({ track }: { track: MediaStreamTrack }) {
  const meter = useRef<HTMLDivElement>(null);
  useEffect(
    () =>
      measure(track, (level) => {
        meter.current?.style.setProperty('--level', level.toFixed(3));
        meter.current?.setAttribute('aria-valuenow', String(Math.round(level * 100)));
      }),
    [track],
  );
  return <div ref={meter} class="level" role="meter" aria-label={t('level')} aria-valuemin={0} aria-valuemax={100} aria-valuenow={0} />;
}
