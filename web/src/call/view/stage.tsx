// The call itself: the others large, oneself small, what can be done below, what belongs to it beside.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { lasting, t, titled } from '../../texts/texts';
import { Icon } from '../../ui/icons';
import { Button, Round } from '../../ui/parts';
import { sharesScreens } from '../media/devices';
import { nameOf, nameOfPresent, otherName, type Panel, type Present, type State } from '../state/state';
import type { Visit } from '../state/visit';
import { Chat } from './chat';
import { GoodsPanel, Highlight } from './goods';
import { People } from './people';
import { Devices } from './ready';
import { Initial, Mirror, Remote } from './video';

export function Stage({ state, visit }: { state: State; visit: Visit }) {
  const { panel } = state;
  return (
    <main class={`stage ${panel ? 'beside' : ''}`}>
      <div class="scene">
        <h1 class="unseen" tabIndex={-1}>{t('call-with', { name: otherName(state) ?? t('somebody') })}</h1>
        <Top state={state} />
        <Pictures state={state} visit={visit} />
        {state.highlight && panel !== 'products' && <Highlight key={state.highlight.sku} product={state.highlight} state={state} visit={visit} />}
        <Controls state={state} visit={visit} />
      </div>
      {panel && <Side panel={panel} state={state} visit={visit} />}
    </main>
  );
}

/** With whom, for how long, and whether it is being recorded. */
function Top({ state }: { state: State }) {
  const [now, tick] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => tick(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const { begunAt, call, link } = state;
  const since = call?.started_at ? Date.parse(call.started_at) : begunAt;
  return (
    <header class="top">
      <p class="top-name">{otherName(state) ?? state.shop?.name}</p>
      {since !== null && <p class="top-time"><time>{lasting(now - since)}</time></p>}
      {state.isRecording && <p class="recording"><i aria-hidden="true" /> {t('is-recorded')}</p>}
      <p class={`weather ${link}`} role="status">{link === 'reconnecting' ? t('link-reconnecting') : state.standing === 'lost' ? t('live-lost') : ''}</p>
    </header>
  );
}

function Pictures({ state, visit }: { state: State; visit: Visit }) {
  const { own, present, link, choice, call } = state;
  const sharer = present.find((one) => one.shares);
  return (
    <div class={`pictures n${Math.min(present.length, 6)} ${sharer || own.screen ? 'sharing' : ''}`}>
      {present.length === 0 && <Alone state={state} />}
      {sharer && <Shared key={`${sharer.id}/screen`} one={sharer} state={state} visit={visit} />}
      {own.screen && (
        <figure class="picture screen own-screen">
          <Mirror track={own.screen} isMirrored={false} />
          <figcaption>{t('you-share')} <Button kind="second" onClick={() => void visit.own.toggleScreen()}>{t('share-stop')}</Button></figcaption>
        </figure>
      )}
      {present.map((one) => {
        const received = visit.meeting?.received(one.id);
        const name = nameOfPresent(state, one);
        return (
          <figure key={one.id} class={`picture ${one.speaks ? 'speaks' : ''}`} data-participant={one.id} data-kind={one.kind}>
            {received && <Remote stream={received.camera} label={t('picture-of', { name: name ?? t('somebody') })} speaker={choice.speaker} name="remote" isHidden={!one.hasCamera} onWidth={(width) => visit.meeting?.show(one.id, width)} />}
            {!one.hasCamera && <Initial name={name} />}
            <figcaption>{one.isMuted && <Icon name="muted" />}{name ?? titled(t(one.kind === 'shopper' ? 'somebody' : 'the-customer'))}{one.isMuted && <span class="unseen"> {t('is-muted')}</span>}</figcaption>
          </figure>
        );
      })}
      {(own.camera || own.wasAsked) && (
        <figure class="picture self">
          {own.camera ? <Mirror track={own.camera} isMirrored={own.camera.getSettings().facingMode !== 'environment'} /> : <Initial name={nameOf(state, state.role, call?.shopper_id ?? null)} />}
          <figcaption>{own.isMuted && <Icon name="muted" />}{t('you')}</figcaption>
        </figure>
      )}
      {link === 'reconnecting' && present.length > 0 && <div class="veil" aria-hidden="true"><div class="breath"><i /><i /><i /></div></div>}
    </div>
  );
}

function Shared({ one, state, visit }: { one: Present; state: State; visit: Visit }) {
  const received = visit.meeting?.received(one.id);
  if (!received) return null;
  const name = nameOfPresent(state, one) ?? t('somebody');
  return (
    <figure class="picture screen" data-participant={one.id}>
      <Remote stream={received.screen} label={t('screen-of', { name })} speaker={null} name="screen" />
      <figcaption>{t('screen-of', { name })}</figcaption>
    </figure>
  );
}

/** Nobody else is here yet, or no way to them was found. */
function Alone({ state }: { state: State }) {
  const { link, linkFailure, role } = state;
  const name = otherName(state) ?? t(role === 'customer' ? 'somebody' : 'the-customer');
  const failed = linkFailure !== null && link !== 'connected';
  return (
    <div class="alone">
      <Initial name={name} />
      <p class="alone-word" role="status">{failed ? t(`link-failure-${linkFailure}`) : link === 'connected' ? t('alone', { name }) : t('link-connecting')}</p>
    </div>
  );
}

function Controls({ state, visit }: { state: State; visit: Visit }) {
  const { own, role, panel, unread, unseen, known } = state;
  const [asks, ask] = useState(false);
  const toggle = (wanted: Panel) => {
    visit.store.set({ panel: panel === wanted ? null : wanted, ...(wanted === 'products' ? { unseen: 0, highlight: null } : {}) });
    if (wanted === 'chat') visit.talk?.seen();
  };
  const canHear = own.microphone !== null && !own.isMuted;
  return (
    <div class="controls" role="toolbar" aria-label={t('controls')}>
      <Round name="microphone" icon={canHear ? 'microphone' : 'muted'} label={canHear ? t('mute') : t('unmute')} tone={canHear ? 'plain' : 'off'} onClick={() => void visit.own.toggleMicrophone()} />
      <Round name="camera" icon={own.camera ? 'camera' : 'camera_off'} label={own.camera ? t('camera-turn-off') : t('camera-turn-on')} tone={own.camera ? 'plain' : 'off'} onClick={() => void visit.own.toggleCamera()} />
      {known.cameras.length > 1 && own.camera && <Round name="flip" icon="flip" label={t('camera-switch')} onClick={() => void visit.own.switchCamera()} />}
      {role === 'shopper' && sharesScreens() && (
        <Round name="screen" icon="screen" label={own.screen ? t('share-stop') : t('share')} pressed={own.screen !== null} onClick={() => void visit.own.toggleScreen()} />
      )}
      {role === 'shopper' && state.recordingRule !== 'off' && (
        <Round name="record" icon="record" label={state.isRecording ? t('tape-stop') : t('tape-start')} pressed={state.isRecording} onClick={() => void visit.tape?.toggle()} />
      )}
      {role === 'customer' && document.pictureInPictureEnabled && <Round name="pip" icon="pip" label={t('pip')} onClick={() => void float()} />}
      <span class="gap" />
      <Round name="chat" icon="chat" label={unread > 0 ? t('chat-unread', { count: unread }) : t('chat')} expanded={panel === 'chat'} count={unread} onClick={() => toggle('chat')} />
      <Round name="products" icon="bag" label={t('products')} expanded={panel === 'products'} count={unseen} onClick={() => toggle('products')} />
      <Round name="people" icon="people" label={t('people')} expanded={panel === 'people'} onClick={() => toggle('people')} />
      <Round name="devices" icon="settings" label={t('devices')} expanded={panel === 'devices'} onClick={() => toggle('devices')} />
      <span class="gap" />
      <Round name="end" icon="end" label={t('end')} tone="danger" onClick={() => ask(true)} />
      {state.recordingAsked === 'of_us' && <AskedToRecord state={state} visit={visit} />}
      {asks && <Asking state={state} visit={visit} onClose={() => ask(false)} />}
    </div>
  );
}

/** The call ends for both, so it is asked once. */
function Asking({ state, visit, onClose }: { state: State; visit: Visit; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="asking" aria-labelledby="asking" onClose={onClose}>
      <h2 id="asking">{t('end-title')}</h2>
      <p>{t('end-what', { name: otherName(state) ?? t(state.role === 'customer' ? 'somebody' : 'the-customer') })}</p>
      <div class="deeds">
        <Button kind="danger" isBusy={state.busy === 'end'} onClick={() => void visit.end().then(onClose)}>{t('end-yes')}</Button>
        {state.role === 'shopper' && state.present.length > 1 && <Button kind="second" onClick={() => visit.stepOut()}>{t('end-leave')}</Button>}
        <Button kind="quiet" onClick={() => dialog.current?.close()}>{t('end-no')}</Button>
      </div>
    </dialog>
  );
}

/** The shopper would like to record: the customer says, and the call goes on either way. */
function AskedToRecord({ state, visit }: { state: State; visit: Visit }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const answer = (agrees: boolean) => {
    dialog.current?.close();
    if (agrees) void visit.tape?.agree().catch(() => visit.notify(t('refusal-unreachable'), 'alarm'));
    else visit.tape?.decline();
  };
  return (
    <dialog ref={dialog} class="asking" aria-labelledby="asked" onCancel={() => answer(false)}>
      <h2 id="asked">{t('tape-title')}</h2>
      <p>{t('tape-what', { name: otherName(state) ?? t('somebody') })}</p>
      <div class="deeds">
        <Button kind="first" onClick={() => answer(true)}>{t('tape-yes')}</Button>
        <Button kind="quiet" onClick={() => answer(false)}>{t('tape-no')}</Button>
      </div>
    </dialog>
  );
}

/** The other's picture above all windows, for who looks something up meanwhile. */
async function float(): Promise<void> {
  if (document.pictureInPictureElement) return document.exitPictureInPicture();
  const videos = [...document.querySelectorAll<HTMLVideoElement>('.picture:not(.self) video')];
  await videos.find((video) => video.videoWidth > 0)?.requestPictureInPicture().catch(() => undefined);
}

/** What belongs to the call. It takes the focus when it comes, and gives it back when it goes. */
function Side({ panel, state, visit }: { panel: Exclude<Panel, null>; state: State; visit: Visit }) {
  const side = useRef<HTMLElement>(null);
  // At once: after the next frame somebody may already be writing where the focus would be taken from.
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    side.current?.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
    return () => before?.focus?.({ preventScroll: true });
  }, [panel]);
  const close = () => visit.store.set({ panel: null });
  return (
    <aside ref={side} class="panel" aria-labelledby="panel-title" onKeyDown={(event) => event.key === 'Escape' && close()}>
      <header>
        <h2 id="panel-title" tabIndex={-1}>{t(panel)}</h2>
        <button type="button" class="bare" aria-label={t('panel-close')} onClick={close}><Icon name="close" /></button>
      </header>
      {panel === 'chat' && <Chat state={state} visit={visit} />}
      {panel === 'products' && <GoodsPanel state={state} visit={visit} />}
      {panel === 'people' && <People state={state} visit={visit} />}
      {panel === 'devices' && <div class="side-devices"><Devices state={state} visit={visit} /></div>}
    </aside>
  );
}

