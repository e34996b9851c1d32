// One's own devices: asked for after it was explained why, switched, shared, given back.

import type { Store } from '../../ui/store';
import * as devices from '../media/devices';
import { ofDevice } from '../media/failures';
import type { Meeting } from './meeting';
import type { Own as OwnState, State } from './state';

/** Microphone, camera and screen of this person. */
export class Own {
  constructor(
    private readonly store: Store<State>,
    private readonly meeting: () => Meeting | null,
  ) {
    navigator.mediaDevices?.addEventListener?.('devicechange', () => void this.look());
  }

  /** Asks the browser for them. */
  async ask(wanted: devices.Wanted): Promise<void> {
    this.change({ isAsking: true });
    const got = await devices.capture(wanted, this.store.get().choice);
    this.change({ microphone: got.microphone, camera: got.camera, failures: got.failures, wasAsked: true, isAsking: false });
    for (const track of [got.microphone, got.camera]) if (track) this.watch(track);
    for (const [source, reason] of Object.entries(got.failures)) this.meeting()?.report(reason, `getUserMedia: ${source}`);
    await this.look();
  }

  /** What there is to choose from. */
  async look(): Promise<void> {
    this.store.set({ known: await devices.known() });
  }

  /** Another microphone, camera or loudspeaker, also while the call goes on. */
  async choose(kind: keyof devices.Choice, deviceId: string): Promise<void> {
    const choice = { ...this.store.get().choice, [kind]: deviceId };
    this.store.set({ choice });
    devices.remember(choice);
    const { own } = this.store.get();
    if (kind === 'microphone' && own.microphone) await this.take('microphone');
    if (kind === 'camera' && own.camera) {
      await this.take('camera');
      this.meeting()?.tell('camera', 'switched');
    }
  }

  /** The other camera of a phone. */
  async switchCamera(): Promise<void> {
    const { known, own } = this.store.get();
    const next = devices.after(known.cameras, own.camera?.getSettings().deviceId ?? null);
    if (next) await this.choose('camera', next.deviceId);
  }

  /** Mutes or unmutes. Somebody without a microphone so far is asked for it. */
  async toggleMicrophone(): Promise<void> {
    const { own } = this.store.get();
    if (!own.microphone) {
      if (!(await this.take('microphone'))) return;
      // Whoever was muted when the former one went has asked to be heard now.
      const { microphone } = this.store.get().own;
      if (microphone) microphone.enabled = true;
      this.tell('microphone', 'on', { isMuted: false });
      return;
    }
    own.microphone.enabled = own.isMuted;
    this.tell('microphone', own.isMuted ? 'on' : 'muted', { isMuted: !own.isMuted });
  }

  /** Camera off gives the device back, so that its light goes out. */
  async toggleCamera(): Promise<void> {
    const { own } = this.store.get();
    if (!own.camera) {
      if (await this.take('camera')) this.tell('camera', 'on', {});
      return;
    }
    own.camera.stop();
    await this.meeting()?.send('camera', null);
    this.tell('camera', 'off', { camera: null });
  }

  /** Shares the screen, or stops. */
  async toggleScreen(): Promise<void> {
    const { own } = this.store.get();
    if (own.screen) return this.unshare();
    try {
      const screen = await devices.screen();
      if (!screen) return;
      // The browser's own bar can end it too.
      screen.addEventListener('ended', () => void this.unshare());
      await this.meeting()?.send('screen', screen);
      this.tell('screen', 'on', { screen });
    } catch (error) {
      // Who closes the picker has changed their mind; that is no failure.
      const reason = ofDevice(error);
      if (reason !== 'permission_denied') this.meeting()?.report(reason, 'getDisplayMedia');
    }
  }

  /** Gives everything back. */
  release(): void {
    const { own } = this.store.get();
    for (const track of [own.microphone, own.camera, own.screen]) track?.stop();
    this.change({ microphone: null, camera: null, screen: null, isMuted: false, wasAsked: false });
  }

  private async unshare(): Promise<void> {
    const { own } = this.store.get();
    if (!own.screen) return;
    own.screen.stop();
    this.tell('screen', 'off', { screen: null });
    await this.meeting()?.send('screen', null);
  }

  /** Gets a device of the present choice in the place of the one before. */
  private async take(source: 'microphone' | 'camera'): Promise<boolean> {
    const { own, choice } = this.store.get();
    try {
      // Phones hold one camera at a time: the old one goes before the new one comes.
      if (source === 'camera') own.camera?.stop();
      const track = source === 'camera' ? await devices.camera(choice) : await devices.microphone(choice);
      if (!track) return false;
      if (source === 'microphone') own.microphone?.stop();
      track.enabled = source === 'camera' || !own.isMuted;
      this.watch(track);
      this.change({ [source]: track, failures: { ...own.failures, [source]: undefined } as OwnState['failures'] });
      await this.meeting()?.send(source, track);
      await this.look();
      return true;
    } catch (error) {
      const reason = ofDevice(error);
      this.change({ failures: { ...own.failures, [source]: reason }, ...(source === 'camera' ? { camera: null } : {}) });
      this.meeting()?.report(reason, `getUserMedia: ${source}`);
      return false;
    }
  }

  /** A device that is pulled out ends its track. */
  private watch(track: MediaStreamTrack): void {
    track.addEventListener('ended', () => {
      const { own } = this.store.get();
      if (own.camera === track) this.tell('camera', 'off', { camera: null });
      if (own.microphone === track) this.tell('microphone', 'off', { microphone: null });
    });
  }

  private tell(source: 'microphone' | 'camera' | 'screen', state: 'on' | 'muted' | 'off', change: Partial<OwnState>): void {
    this.change(change);
    this.meeting()?.tell(source, state);
  }

  private change(change: Partial<OwnState>): void {
    this.store.set({ own: { ...this.store.get().own, ...change } });
  }
}
