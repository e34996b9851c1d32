// After the call: how likely a recommendation is and how it was, then thanks. And the pages that say why there is no call.

import { useState } from 'preact/hooks';
import { lasting, t } from '../../texts/texts';
import { ChooseFace, type Face } from '../../ui/faces';
import { Button, Heading, Refusal } from '../../ui/parts';
import { otherName, type Over, type State, type Trouble } from '../state/state';
import type { Visit } from '../state/visit';

/** How likely a recommendation is. */
const SCORES = Array.from({ length: 11 }, (_, score) => score);

export function Survey({ state, visit }: { state: State; visit: Visit }) {
  const [score, choose] = useState<number | null>(null);
  const [face, show] = useState<Face | null>(null);
  const [comment, write] = useState('');
  const question = t('survey-title', { shop: state.shop?.name ?? '' });
  return (
    <main class="letter">
      <p class="over-line">{t('survey-kind')}</p>
      <Heading>{question}</Heading>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (score !== null) void visit.rate({ nps: score, face, comment, question });
        }}
      >
        <fieldset class="scores">
          <legend class="unseen">{question}</legend>
          {SCORES.map((one) => (
            <label key={one}>
              <input type="radio" name="nps" value={one} checked={score === one} onChange={() => choose(one)} required />
              <span>{one}</span>
            </label>
          ))}
        </fieldset>
        <p class="ends" aria-hidden="true"><span>{t('survey-least')}</span><span>{t('survey-most')}</span></p>
        <ChooseFace chosen={face} onChoose={show} />
        <label class="field">
          <span>{t('survey-comment', { name: otherName(state) ?? t('somebody') })}</span>
          <textarea rows={3} maxLength={2000} value={comment} onInput={(event) => write(event.currentTarget.value)} />
        </label>
        <Refusal text={state.refusal} />
        <div class="deeds">
          <Button kind="first" type="submit" disabled={score === null} isBusy={state.busy === 'rate'}>{t('survey-send')}</Button>
          <Button kind="quiet" onClick={() => visit.skipSurvey()}>{t('survey-skip')}</Button>
        </div>
      </form>
    </main>
  );
}

export function Thanks({ state }: { state: State }) {
  return (
    <main class="letter">
      <Heading>{t('thanks')}</Heading>
      <p class="lead">{t('thanks-more', { shop: state.shop?.name ?? '' })}</p>
      <Bought state={state} />
    </main>
  );
}

export function Ended({ state, why }: { state: State; why: Over }) {
  const { call, role } = state;
  const lasted = call?.started_at && call.ended_at ? Date.parse(call.ended_at) - Date.parse(call.started_at) : null;
  return (
    <main class="letter">
      <Heading>{t(`over-${why}`)}</Heading>
      <p class="lead">{t(`over-${why}-${role}`)}</p>
      {why === 'ended' && lasted !== null && <p class="small">{t('over-lasted', { time: lasting(lasted) })}</p>}
      {why === 'ended' && <Bought state={state} />}
      {why === 'ended' && role === 'shopper' && state.recordingRule !== 'off' && <p><a href={`/recording/${state.callId}`}>{t('recording-title')}</a></p>}
    </main>
  );
}

/** What is in the cart, so that it is not lost with the call. */
function Bought({ state }: { state: State }) {
  const items = state.cart?.items ?? [];
  if (items.length === 0) return null;
  return (
    <section class="bought">
      <h2>{t('cart')}</h2>
      <ul>{items.map((line) => <li key={line.sku}><span>{line.name}</span> <span>× {line.quantity}</span></li>)}</ul>
    </section>
  );
}

export function InTrouble({ why, visit }: { why: Trouble; visit: Visit }) {
  return (
    <main class="letter">
      <Heading>{t(`trouble-${why}`)}</Heading>
      <p class="lead">{t(`trouble-${why}-more`)}</p>
      {why === 'unreachable' && <div class="deeds"><Button kind="first" onClick={() => void visit.begin()}>{t('try-again')}</Button></div>}
    </main>
  );
}
