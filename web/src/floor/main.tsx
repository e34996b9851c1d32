// What a member of staff opens first: who waits, which calls one holds, and a private call for somebody in particular.

import '../ui/base.css';
import './floor.css';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Client, Refused } from '../api/client';
import { Live } from '../api/live';
import type { AccountView, CallView, CurrentSession, Paged_CallView, SignedIn } from '../api/schema.gen';
import { keepStaffToken, staffToken } from '../call/state/entry';
import { clock, locale, speak, t, wished } from '../texts/texts';
import { Frame } from '../ui/frame';
import { Button, Heading, Refusal } from '../ui/parts';
import { SignIn } from '../ui/sign_in';

/** Events that move calls come in bursts; the lists are read once after each. */
const SETTLE_MS = 150;

function Page() {
  const [token, enter] = useState(staffToken());
  const [spoken, tell] = useState(wished());
  const [shop, name] = useState<string | null>(null);
  const [refusal, refuse] = useState<string | null>(null);
  const [isBusy, be] = useState(false);
  const signIn = async (email: string, password: string) => {
    be(true);
    refuse(null);
    try {
      const signed = await new Client(null, locale).ask<SignedIn>('POST', '/v1/sessions', { body: { email, password } });
      keepStaffToken(signed.token);
      enter(signed.token);
    } catch (error) {
      refuse(error instanceof Refused ? error.problem.title : t('refusal-unreachable'));
    }
    be(false);
  };
  const leave = () => {
    keepStaffToken(null);
    enter(null);
  };
  document.title = [t('floor-title'), shop].filter(Boolean).join(' · ');
  return (
    <Frame shop={shop} locale={spoken} onLocale={tell}>
      {token === null ? (
        <SignIn isBusy={isBusy} refusal={refusal} onSignIn={(email, password) => void signIn(email, password)} />
      ) : (
        <Floor key={token} token={token} onShop={name} onLeave={leave} />
      )}
    </Frame>
  );
}

function Floor({ token, onShop, onLeave }: { token: string; onShop: (name: string) => void; onLeave: () => void }) {
  const [client] = useState(() => new Client(token, locale));
  const [waiting, wait] = useState<CallView[]>([]);
  const [mine, hold] = useState<CallView[]>([]);
  useEffect(() => {
    const live = new Live(token);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let me = '';
    const list = (query: string) => client.ask<Paged_CallView>('GET', `/v1/calls?limit=50&environment=all&${query}`).then((page) => page.items);
    const look = async () => {
      try {
        const [queue, claimed, going] = await Promise.all([list('status=waiting'), list(`status=claimed&shopper_id=${me}`), list(`status=live&shopper_id=${me}`)]);
        wait(queue.reverse());
        hold([...going, ...claimed]);
      } catch (error) {
        if (error instanceof Refused && error.problem.status === 401) onLeave();
      }
    };
    const begin = async () => {
      const session = await client.ask<CurrentSession>('GET', '/v1/sessions/current');
      const account = await client.ask<AccountView>('GET', '/v1/account');
      me = session.user_id;
      onShop(account.store_name);
      live.subscribe('queue', 'queue', null, null);
      live.subscribe('work', 'work', me, null);
      live.listen((said) => {
        if (said.type !== 'event') return;
        clearTimeout(timer);
        timer = setTimeout(() => void look(), SETTLE_MS);
      });
      live.open();
      await look();
    };
    begin().catch((error) => error instanceof Refused && error.problem.status === 401 && onLeave());
    return () => live.close();
  }, []);
  return (
    <main class="floor">
      <p class="over-line">{t('floor-kind')}</p>
      <Heading>{t('floor-title')}</Heading>
      <div class="columns">
        <section aria-labelledby="waiting">
          <h2 id="waiting">{t('floor-waiting')}</h2>
          {waiting.length === 0 ? <p class="nothing">{t('floor-nobody')}</p> : <ul aria-live="polite">{waiting.map((call) => <Row key={call.id} call={call} />)}</ul>}
        </section>
        <section aria-labelledby="mine">
          <h2 id="mine">{t('floor-mine')}</h2>
          {mine.length === 0 ? <p class="nothing">{t('floor-none')}</p> : <ul>{mine.map((call) => <Row key={call.id} call={call} />)}</ul>}
          <Private client={client} />
        </section>
      </div>
      <div class="deeds"><Button kind="quiet" onClick={onLeave}>{t('floor-sign-out')}</Button></div>
    </main>
  );
}

function Row({ call }: { call: CallView }) {
  return (
    <li class="row">
      <span><b>{call.product?.name ?? t('the-customer')}</b><small>{[call.environment === 'test' && t('floor-trial'), t('floor-since', { at: clock(call.queued_at ?? call.created_at) })].filter(Boolean).join(' · ')}</small></span>
      <a class="button second" href={`/call/${call.id}#staff`}>{t('floor-take')}</a>
    </li>
  );
}

/** A call with somebody in particular, now. */
function Private({ client }: { client: Client }) {
  const [refusal, refuse] = useState<string | null>(null);
  const make = async (form: HTMLFormElement) => {
    const given = new FormData(form);
    const text = (name: string) => String(given.get(name) ?? '').trim();
    try {
      const environment = given.has('trial') ? 'test' : 'production';
      const body = { start: 'now', environment, customer: { name: text('name'), email: text('email') } };
      const made = await client.ask<{ id: string }>('POST', '/v1/calls', { body });
      location.assign(`/call/${made.id}#staff`);
    } catch (error) {
      refuse(error instanceof Refused ? `${error.problem.title}: ${error.problem.detail}` : t('refusal-unreachable'));
    }
  };
  return (
    <details class="private">
      <summary>{t('floor-private')}</summary>
      <form onSubmit={(event) => { event.preventDefault(); void make(event.currentTarget); }}>
        <label class="field"><span>{t('floor-name')}</span><input name="name" required autoComplete="off" /></label>
        <label class="field"><span>{t('floor-email')}</span><input name="email" type="email" required autoComplete="off" /></label>
        <label class="choice"><input name="trial" type="checkbox" /> <span>{t('floor-trial-make')}</span></label>
        <Refusal text={refusal} />
        <div class="deeds"><Button kind="first" type="submit">{t('floor-private-make')}</Button></div>
      </form>
    </details>
  );
}

const root = document.getElementById('page');
if (root) {
  await speak(wished());
  render(<Page />, root);
}
