// Pictures that move: one's own, the others', a shared screen.

import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../../texts/texts';
import { Icon } from '../../ui/icons';

/** One's own picture, as a mirror shows it. */
export function Mirror({ track, isMirrored = true }: { track: MediaStreamTrack; isMirrored?: boolean }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = new MediaStream([track]);
  }, [track]);
  return <video ref={video} class={isMirrored ? 'mirrored' : ''} autoPlay playsInline muted aria-label={t('your-picture')} />;
}

/** A stream that is received, with its sound. */
export function Remote(given: { stream: MediaStream; label: string; speaker: string | null; name: string; isHidden?: boolean; onWidth?: (width: number) => void }) {
  const { stream, label, speaker, name, isHidden = false, onWidth } = given;
  const video = useRef<HTMLVideoElement>(null);
  const [isSilent, setSilent] = useState(false);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = stream;
    // A browser that wants a gesture first gets one: the button below.
    const play = () => element.play().then(() => setSilent(false), (error: DOMException) => setSilent(error.name === 'NotAllowedError'));
    play();
    stream.addEventListener('addtrack', play);
    return () => stream.removeEventListener('addtrack', play);
  }, [stream]);
  const width = useRef(onWidth);
  width.current = onWidth;
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    // What is cropped on one side is as large as the other side makes it.
    const observer = new ResizeObserver(() => {
      const { clientWidth, clientHeight } = element;
      if (clientWidth > 0) width.current?.(Math.max(clientWidth, (clientHeight * 16) / 9) * devicePixelRatio);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = video.current as (HTMLVideoElement & { setSinkId?: (id: string) => Promise<void> }) | null;
    if (element?.setSinkId && speaker !== null) void element.setSinkId(speaker).catch(() => undefined);
  }, [speaker]);
  return (
    <>
      <video ref={video} class={isHidden ? 'hidden' : ''} autoPlay playsInline aria-label={label} data-name={name} />
      {isSilent && (
        <button type="button" class="button first unmute" onClick={() => void video.current?.play().then(() => setSilent(false))}>
          <Icon name="sound" /> {t('hear')}
        </button>
      )}
    </>
  );
}

/** In the place of a picture: the first letter of the name. */
export function Initial({ name }: { name: string | null }) {
  return <div class="initial" aria-hidden="true">{(name ?? '·').trim().charAt(0).toUpperCase()}</div>;
}
