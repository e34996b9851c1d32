// A member of staff signs in.

import { t } from '../texts/texts';
import { Button, Heading, Refusal } from './parts';

export function SignIn({ onSignIn, isBusy, refusal }: { onSignIn: (email: string, password: string) => void; isBusy: boolean; refusal: string | null }) {
  return (
    <main class="letter narrow">
      <p class="over-line">{t('sign-in-kind')}</p>
      <Heading>{t('sign-in')}</Heading>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const given = new FormData(event.currentTarget);
          onSignIn(String(given.get('email')), String(given.get('password')));
        }}
      >
        <label class="field"><span>{t('sign-in-email')}</span><input name="email" type="email" autoComplete="username" required /></label>
        <label class="field"><span>{t('sign-in-password')}</span><input name="password" type="password" autoComplete="current-password" required /></label>
        <Refusal text={refusal} />
        <div class="deeds"><Button kind="first" type="submit" isBusy={isBusy}>{t('sign-in-do')}</Button></div>
      </form>
    </main>
  );
}
