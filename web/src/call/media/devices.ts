// Cameras, microphones and loudspeakers: asked for, chosen, changed while a call goes on.

import { type Failure, ofDevice } from './failures';

/** What was chosen; `null` leaves it to the browser. */
export interface Choice {
  microphone: string | null;
  camera: string | null;
  speaker: string | null;
}

/** What there is to choose from. */
export interface Known {
  microphones: MediaDeviceInfo[];
  cameras: MediaDeviceInfo[];
  speakers: MediaDeviceInfo[];
}

/** What was got. One may be missing, with the reason. */
export interface Captured {
  microphone: MediaStreamTrack | null;
  camera: MediaStreamTrack | null;
  failures: { microphone?: Failure; camera?: Failure };
}

/** What is asked for. */
export interface Wanted {
  microphone: boolean;
  camera: boolean;
}

const KEPT = 'vitrina.devices';

/** Enough for three simulcast layers; the fake cameras of tests deliver it too. */
const PICTURE: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } };
const SOUND: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** The last choice of this browser. */
export function remembered(): Choice {
  const none: Choice = { microphone: null, camera: null, speaker: null };
  try {
    return { ...none, ...(JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Partial<Choice>) };
  } catch {
    return none;
  }
}

/** Remembers a choice. */
export function remember(choice: Choice): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(choice));
  } catch {
    // It is asked again the next time.
  }
}

/** What there is; names are known once the permission is given. */
export async function known(): Promise<Known> {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const of = (kind: MediaDeviceKind) => all.filter((device) => device.kind === kind && device.deviceId !== '');
  return { microphones: of('audioinput'), cameras: of('videoinput'), speakers: of('audiooutput') };
}

/** Asks for both with one prompt; when that fails, for each alone, so that one missing device does not cost the other. */
export async function capture(wanted: Wanted, choice: Choice): Promise<Captured> {
  const got: Captured = { microphone: null, camera: null, failures: {} };
  if (wanted.microphone && wanted.camera) {
    try {
      const stream = await get({ audio: sound(choice), video: picture(choice) });
      return { ...got, microphone: stream.getAudioTracks()[0] ?? null, camera: stream.getVideoTracks()[0] ?? null };
    } catch (error) {
      if (ofDevice(error) === 'permission_denied') {
        // Chromium refuses both with one word; asking again would prompt again.
        const states = await Promise.all([granted('microphone'), granted('camera')]);
        if (!states.includes('granted')) {
          return { ...got, failures: { microphone: 'permission_denied', camera: 'permission_denied' } };
        }
      }
    }
  }
  if (wanted.microphone) {
    try {
      got.microphone = await microphone(choice);
    } catch (error) {
      got.failures.microphone = ofDevice(error);
    }
  }
  if (wanted.camera) {
    try {
      got.camera = await camera(choice);
    } catch (error) {
      got.failures.camera = ofDevice(error);
    }
  }
  return got;
}

/** The microphone alone. */
export async function microphone(choice: Choice): Promise<MediaStreamTrack | null> {
  return (await get({ audio: sound(choice) })).getAudioTracks()[0] ?? null;
}

/** The camera alone. */
export async function camera(choice: Choice): Promise<MediaStreamTrack | null> {
  return (await get({ video: picture(choice) })).getVideoTracks()[0] ?? null;
}

/** The screen, or one window of it, as the person picks. */
export async function screen(): Promise<MediaStreamTrack | null> {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } }, audio: false });
  const track = stream.getVideoTracks()[0] ?? null;
  // Text and edges before motion: what is shown is a shop's page more often than a film.
  if (track && 'contentHint' in track) track.contentHint = 'detail';
  return track;
}

/** The camera after this one, for phones that have one on each side. */
export function after(cameras: MediaDeviceInfo[], current: string | null): MediaDeviceInfo | null {
  if (cameras.length < 2) return null;
  const index = cameras.findIndex((camera) => camera.deviceId === current);
  return cameras[(index + 1) % cameras.length] ?? null;
}

/** Whether this browser can share a screen. */
export function sharesScreens(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === 'function';
}

/** What the person has said about it before. */
export async function granted(name: 'camera' | 'microphone'): Promise<PermissionState> {
  try {
    return (await navigator.permissions.query({ name: name as PermissionName })).state;
  } catch {
    return 'prompt';
  }
}

function sound(choice: Choice): MediaTrackConstraints {
  return choice.microphone === null ? SOUND : { ...SOUND, deviceId: { exact: choice.microphone } };
}

function picture(choice: Choice): MediaTrackConstraints {
  return choice.camera === null ? { ...PICTURE, facingMode: { ideal: 'user' } } : { ...PICTURE, deviceId: { exact: choice.camera } };
}

async function get(constraints: MediaStreamConstraints): Promise<MediaStream> {
  // Pages that are not served over HTTPS have no `mediaDevices` at all.
  if (!navigator.mediaDevices) throw new DOMException('no secure connection', 'SecurityError');
  try {
    return await navigator.mediaDevices.getUserMedia(constraints);
  } catch (error) {
    // The one that was chosen last time has been pulled out since: any other does.
    if (!(error instanceof Error) || error.name !== 'OverconstrainedError') throw error;
    const any = (wanted: MediaStreamConstraints['audio']) => (typeof wanted === 'object' ? without(wanted) : (wanted ?? false));
    return navigator.mediaDevices.getUserMedia({ audio: any(constraints.audio), video: any(constraints.video) });
  }
}

function without({ deviceId: _, ...others }: MediaTrackConstraints): MediaTrackConstraints {
  return others;
}
