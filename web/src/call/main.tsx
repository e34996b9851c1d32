// The call page: what the customer opens from the link, and the shopper from the console.

import '../ui/base.css';
import './call.css';
import { render } from 'preact';
import { speak, t, wished } from '../texts/texts';
import { Frame } from '../ui/frame';
import { Icon } from '../ui/icons';
import { SignIn } from '../ui/sign_in';
import { Store, useStore } from '../ui/store';
import { read } from './state/entry';
import { begin, type State } from './state/state';
import { Visit } from './state/visit';
import { Ended, InTrouble, Survey, Thanks } from './view/after';
import { Ready } from './view/ready';
import { Stage } from './view/stage';
import { Waiting } from './view/waiting';

function Page({ visit }: { visit: Visit }) {
  const state = useStore(visit.store);
  const { stage, notice } = state;
  document.title = [t(`title-${stage.is}`), state.shop?.name].filter(Boolean).join(' · ');
  const page = stage.is === 'call' ? <Stage state={state} visit={visit} /> : (
    <Frame shop={state.shop?.name ?? null} locale={state.locale} onLocale={(locale) => visit.speaks(locale)}>
      <Inside key={stage.is} state={state} visit={visit} />
    </Frame>
  );
  return (
    <>
      {page}
      <div class="notices" role="status" aria-live="polite">
        {notice && <p key={notice.id} class={`notice ${notice.tone}`}>{notice.tone === 'plain' && <Icon name="check" />}{notice.text}</p>}
      </div>
    </>
  );
}

function Inside({ state, visit }: { state: State; visit: Visit }) {
  const { stage } = state;
  switch (stage.is) {
    case 'sign_in':
      return <SignIn isBusy={state.busy === 'sign_in'} refusal={state.refusal} onSignIn={(email, password) => void visit.signIn(email, password)} />;
    case 'ready':
      return <Ready state={state} visit={visit} />;
    case 'waiting':
      return <Waiting state={state} visit={visit} />;
    case 'survey':
      return <Survey state={state} visit={visit} />;
    case 'thanks':
      return <Thanks state={state} />;
    case 'over':
      return <Ended state={state} why={stage.why} />;
    case 'trouble':
      return <InTrouble why={stage.why} visit={visit} />;
    default:
      return <main class="letter" aria-busy="true"><div class="breath"><i /><i /><i /></div><p class="unseen" role="status">{t('loading')}</p></main>;
  }
}

const entry = read(location);
const root = document.getElementById('page');
if (root) {
  await speak(wished());
  const visit = new Visit(new Store(begin(entry?.callId ?? '', entry?.role ?? 'customer')), entry ?? { callId: '', role: 'customer', token: null });
  render(<Page visit={visit} />, root);
  if (entry) void visit.begin();
  else visit.store.set({ stage: { is: 'trouble', why: 'not_found' } });
}
