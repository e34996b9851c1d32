// A call's recording: one picture for each presence, side by side, and one clock for all of them.

import '../ui/base.css';
import './recording.css';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Client, Refused } from '../api/client';
import type { PeopleView, SignedIn } from '../api/schema.gen';
import { keepStaffToken, staffToken } from '../call/state/entry';
import { locale, speak, t, wished } from '../texts/texts';
import { Frame } from '../ui/frame';
import { Heading } from '../ui/parts';
import { SignIn } from '../ui/sign_in';
import { Player } from './player';
import { type Part, load } from './parts';

function Page({ callId }: { callId: string }) {
  const [token, enter] = useState(staffToken());
  const [spoken, tell] = useState(wished());
  const [refusal, refuse] = useState<string | null>(null);
  const [shop, name] = useState<string | null>(null);
  const [parts, show] = useState<Part[] | null>(null);
  useEffect(() => {
    if (token === null) return;
    const client = new Client(token, locale);
    const begin = async () => {
      const people = await client.ask<PeopleView>('GET', `/v1/calls/${callId}/people`);
      name(people.shop.name);
      show(await load(client, callId, people.people));
    };
    begin().catch((error) => {
      if (error instanceof Refused && error.problem.status === 401) {
        keepStaffToken(null);
        enter(null);
      } else {
        refuse(error instanceof Refused ? error.problem.title : t('refusal-unreachable'));
      }
    });
  }, [token]);
  const signIn = async (email: string, password: string) => {
    try {
      const signed = await new Client(null, locale).ask<SignedIn>('POST', '/v1/sessions', { body: { email, password } });
      keepStaffToken(signed.token);
      refuse(null);
      enter(signed.token);
    } catch (error) {
      refuse(error instanceof Refused ? error.problem.title : t('refusal-unreachable'));
    }
  };
  document.title = [t('recording-title'), shop].filter(Boolean).join(' · ');
  return (
    <Frame shop={shop} locale={spoken} onLocale={tell}>
      {token === null ? (
        <SignIn isBusy={false} refusal={refusal} onSignIn={(email, password) => void signIn(email, password)} />
      ) : (
        <main class="recordings">
          <Heading>{t('recording-title')}</Heading>
          {refusal !== null && <p class="refusal" role="alert">{refusal}</p>}
          {parts !== null && (parts.length === 0 ? <p class="lead">{t('recording-none')}</p> : <Player parts={parts} />)}
        </main>
      )}
    </Frame>
  );
}

const callId = /^\/recording\/([0-9a-f-]{36})\/?$/i.exec(location.pathname)?.[1];
const root = document.getElementById('page');
if (root && callId) {
  await speak(wished());
  render(<Page callId={callId} />, root);
}
