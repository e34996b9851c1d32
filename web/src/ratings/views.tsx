// Faces, as shares of a bar and in words: nobody needs to see the colours to read it.

import type { FacesView, PublicChannels, PublicFeedback, PublicRatings } from '../api/schema.gen';
import { percent, moment, t } from '../texts/texts';

const FACES = ['satisfied', 'neutral', 'dissatisfied'] as const;
type Face = (typeof FACES)[number];

function share(faces: FacesView, face: Face): number {
  return faces[`${face}_percent`] ?? 0;
}

/** The three shares. */
function Faces({ faces, label }: { faces: FacesView; label: string }) {
  if (faces.answers === 0) return <p class="nothing">{t('ratings-none')}</p>;
  return (
    <figure class="faces">
      <div class="bar" aria-hidden="true">
        {FACES.map((face) => share(faces, face) > 0 && <i key={face} class={face} style={{ flexGrow: share(faces, face) }} />)}
      </div>
      <dl aria-label={label}>
        {FACES.map((face) => (
          <div key={face}>
            <dt><Mark face={face} />{t(`ratings-${face}`)}</dt>
            <dd>{percent(share(faces, face))}</dd>
          </div>
        ))}
      </dl>
      <figcaption class="small">{t('ratings-count', { count: faces.answers })}</figcaption>
    </figure>
  );
}

/** A face in three strokes. */
function Mark({ face }: { face: string }) {
  const mouth = face === 'satisfied' ? 'M8 14.2c1 1.6 2.4 2.4 4 2.4s3-.8 4-2.4' : face === 'neutral' ? 'M8 15.5h8' : 'M8 16.6c1-1.6 2.4-2.4 4-2.4s3 .8 4 2.4';
  return <svg class={`icon mark ${face}`} viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9.2" /><path d={`M8.8 9.5v.6M15.2 9.5v.6${mouth}`} /></svg>;
}

export function Channels({ shown }: { shown: PublicChannels }) {
  if (shown.items.length === 0) return <p class="lead">{t('ratings-no-channel')}</p>;
  return (
    <ul class="channels">
      {shown.items.map(({ channel, faces }) => (
        <li key={channel}>
          <h2><a href={`/ratings/${encodeURIComponent(channel)}${location.search}`}>{channel}</a></h2>
          <Faces faces={faces} label={channel} />
        </li>
      ))}
    </ul>
  );
}

export function Channel({ shown }: { shown: PublicRatings }) {
  return (
    <>
      <Faces faces={shown.faces} label={shown.channel} />
      {shown.shoppers.length > 0 && (
        <section aria-labelledby="served">
          <h2 id="served">{t('ratings-served')}</h2>
          <ul class="channels">
            {shown.shoppers.map(({ name, faces }) => (
              <li key={name ?? ''}>
                <h3>{name ?? t('ratings-gone')}</h3>
                <Faces faces={faces} label={name ?? t('ratings-gone')} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {shown.latest.length > 0 && (
        <section aria-labelledby="latest">
          <h2 id="latest">{t('ratings-latest')}</h2>
          <ol class="latest">{shown.latest.map((one) => <Latest key={`${one.at}${one.name}`} one={one} />)}</ol>
        </section>
      )}
      <p><a href={`/ratings${location.search}`}>{t('ratings-all')}</a></p>
    </>
  );
}

function Latest({ one }: { one: PublicFeedback }) {
  const face = FACES.find((known) => known === one.face) ?? 'neutral';
  return (
    <li>
      <Mark face={face} />
      <span><b>{t(`ratings-${face}`)}</b><small>{[one.name, moment(one.at)].filter(Boolean).join(' · ')}</small></span>
    </li>
  );
}
