// Plays all parts in step. The clock is the page's own; each picture is where the clock says, and is put right when it drifts.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { lasting, t, titled } from '../texts/texts';
import { Button } from '../ui/parts';
import type { Part } from './parts';

/** More than this between a picture and the clock is put right by a jump, less by playing a little faster or slower. */
const JUMP_MS = 400;
const DRIFT_MS = 40;
/** How much faster or slower: not to be heard. */
const NUDGE = 0.03;
const LOOK_EVERY_MS = 200;

export function Player({ parts }: { parts: Part[] }) {
  const length = Math.max(...parts.map((part) => part.offsetMs + part.durationMs));
  const [isPlaying, play] = useState(false);
  const [shown, show] = useState(0);
  const clock = useMemo(() => new Clock(), []);
  useEffect(() => {
    const timer = setInterval(() => {
      show(Math.min(clock.now(), length));
      if (clock.now() >= length && clock.runs) {
        clock.stop(length);
        play(false);
      }
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [length]);
  const toggle = () => {
    if (isPlaying) clock.stop(clock.now());
    else clock.start(shown >= length ? 0 : shown);
    play(!isPlaying);
  };
  const seek = (to: number) => {
    show(to);
    if (isPlaying) clock.start(to);
    else clock.stop(to);
  };
  return (
    <>
      <div class="sides">{parts.map((part) => <Side key={part.id} part={part} clock={clock} />)}</div>
      <div class="times">
        <Button kind="first" onClick={toggle}>{isPlaying ? t('recording-pause') : t('recording-play')}</Button>
        <input type="range" min={0} max={length} step={100} value={shown} aria-label={t('recording-seek')} aria-valuetext={lasting(shown)} onInput={(event) => seek(Number(event.currentTarget.value))} />
        <output>{lasting(shown)} / {lasting(length)}</output>
      </div>
    </>
  );
}

/** The call's line of time, in milliseconds from the call's start. */
class Clock {
  runs = false;
  private from = 0;
  private since = 0;

  now(): number {
    return this.runs ? this.from + performance.now() - this.since : this.from;
  }

  start(at: number): void {
    this.from = at;
    this.since = performance.now();
    this.runs = true;
  }

  stop(at: number): void {
    this.from = at;
    this.runs = false;
  }
}

function Side({ part, clock }: { part: Part; clock: Clock }) {
  const video = useRef<HTMLVideoElement>(null);
  const [isAway, be] = useState(true);
  useEffect(() => {
    const timer = setInterval(() => {
      if (video.current) be(follow(video.current, part, clock) === 'away');
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [part.id]);
  const name = part.name ?? titled(t(part.kind === 'customer' ? 'the-customer' : 'somebody'));
  const label = part.holds === 'screen' ? t('screen-of', { name }) : name;
  return (
    <figure class={`side ${isAway ? 'away' : ''}`} data-kind={part.kind}>
      {part.url !== null && <video ref={video} src={part.url} preload="auto" playsInline aria-label={label} />}
      {part.state !== 'ready' && <p class="state">{t(part.state === 'lost' ? 'recording-lost' : 'recording-not-ready')}</p>}
      <figcaption>{label}</figcaption>
    </figure>
  );
}

/** Brings one picture to where the clock is; outside its own time it is away. */
function follow(video: HTMLVideoElement, part: Part, clock: Clock): 'here' | 'away' {
  const wanted = clock.now() - part.offsetMs;
  if (wanted < 0 || wanted > part.durationMs) {
    if (!video.paused) video.pause();
    return 'away';
  }
  const off = video.currentTime * 1000 - wanted;
  if (Math.abs(off) > JUMP_MS || (!clock.runs && Math.abs(off) > DRIFT_MS)) {
    if (!video.seeking) video.currentTime = wanted / 1000;
  }
  video.playbackRate = off > DRIFT_MS ? 1 - NUDGE : off < -DRIFT_MS ? 1 + NUDGE : 1;
  if (clock.runs && video.paused) void video.play().catch(() => undefined);
  if (!clock.runs && !video.paused) video.pause();
  return 'here';
}
