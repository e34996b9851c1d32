// Faces, as shares of a bar and in words: nobody needs to see the colours to read it.

import type { FacesView, PublicChannels, PublicFeedback, PublicRatings } from '../api/schema.gen';
import { percent, moment, t } from '../texts/texts';
import { FACES, Mark, type Face } from '../ui/faces';

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
