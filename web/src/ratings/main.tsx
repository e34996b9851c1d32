// What everybody may read of how customers liked a shop: its channels, and one channel with who served and the newest faces.

import '../ui/base.css';
import './ratings.css';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Client, Refused } from '../api/client';
import type { PublicChannels, PublicRatings } from '../api/schema.gen';
import { locale, speak, t, wished } from '../texts/texts';
import { Frame } from '../ui/frame';
import { Heading, Refusal } from '../ui/parts';
import { Channel, Channels } from './views';

type Shown = { is: 'channels'; of: PublicChannels } | { is: 'channel'; of: PublicRatings };

async function look(channel: string | null): Promise<Shown> {
  const client = new Client(null, locale);
  // Of which shop: needed where the server has several.
  const account = new URLSearchParams(location.search).get('account_id');
  const asked = account === null ? '' : `?account_id=${encodeURIComponent(account)}`;
  if (channel === null) return { is: 'channels', of: await client.ask<PublicChannels>('GET', `/v1/public/channels${asked}`) };
  return { is: 'channel', of: await client.ask<PublicRatings>('GET', `/v1/public/channels/${encodeURIComponent(channel)}/ratings${asked}`) };
}

function Page({ channel }: { channel: string | null }) {
  const [spoken, tell] = useState(wished());
  const [shown, show] = useState<Shown | null>(null);
  const [refusal, refuse] = useState<string | null>(null);
  useEffect(() => {
    look(channel).then(show, (error) => {
      const isMissing = error instanceof Refused && error.problem.status === 404;
      refuse(isMissing ? t('ratings-not-public') : error instanceof Refused ? error.problem.title : t('refusal-unreachable'));
    });
  }, []);
  const shop = shown?.of.shop ?? null;
  document.title = [t('ratings-title'), shop].filter(Boolean).join(' · ');
  return (
    <Frame shop={shop} locale={spoken} onLocale={tell}>
      <main class="ratings">
        <p class="over-line">{t('ratings-period')}</p>
        <Heading>{shown?.is === 'channel' ? shown.of.channel : t('ratings-title')}</Heading>
        <Refusal text={refusal} />
        {shown?.is === 'channels' && <Channels shown={shown.of} />}
        {shown?.is === 'channel' && <Channel shown={shown.of} />}
      </main>
    </Frame>
  );
}

const named = /^\/ratings\/([^/]+)\/?$/.exec(location.pathname)?.[1];
const root = document.getElementById('page');
if (root) {
  await speak(wished());
  render(<Page channel={named === undefined ? null : decodeURIComponent(named)} />, root);
}
