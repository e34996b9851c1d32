// The three faces that customers choose from, and that their choices are shown as.

import type { Ballot } from '../api/schema.gen';
import { t } from '../texts/texts';

export type Face = NonNullable<Ballot['face']>;

/** From the best to the worst. */
export const FACES = ['satisfied', 'neutral', 'dissatisfied'] as const satisfies readonly Face[];

/** A face in three strokes. */
export function Mark({ face }: { face: string }) {
  const mouth = face === 'satisfied' ? 'M8 14.2c1 1.6 2.4 2.4 4 2.4s3-.8 4-2.4' : face === 'neutral' ? 'M8 15.5h8' : 'M8 16.6c1-1.6 2.4-2.4 4-2.4s3 .8 4 2.4';
  return <svg class={`icon mark ${face}`} viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9.2" /><path d={`M8.8 9.5v.6M15.2 9.5v.6${mouth}`} /></svg>;
}

/** The question for a face; none need be chosen. */
export function ChooseFace({ chosen, onChoose }: { chosen: Face | null; onChoose: (face: Face) => void }) {
  return (
    <fieldset class="choose-face">
      <legend>{t('survey-face')}</legend>
      {FACES.map((face) => (
        <label key={face}>
          <input type="radio" name="face" value={face} checked={chosen === face} onChange={() => onChoose(face)} />
          <span><Mark face={face} />{t(`ratings-${face}`)}</span>
        </label>
      ))}
    </fieldset>
  );
}
