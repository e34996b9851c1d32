// What surrounds every page but the call itself: the shop's name above, the choice of language below.

import type { ComponentChildren } from 'preact';
import { keep, LOCALES, type Locale, NAMES, speak, t } from '../texts/texts';

export function Frame({ shop, locale, onLocale, children }: { shop: string | null; locale: Locale; onLocale: (locale: Locale) => void; children: ComponentChildren }) {
  const choose = (wanted: Locale) => {
    keep(wanted);
    void speak(wanted).then(() => onLocale(wanted));
  };
  return (
    <div class="frame">
      <header class="brand"><p>{shop ?? 'Vitrina'}</p></header>
      {children}
      <footer>
        <label class="tongue">
          <span class="unseen">{t('language')}</span>
          <select value={locale} onChange={(event) => choose(event.currentTarget.value as Locale)}>
            {LOCALES.map((one) => <option key={one} value={one} lang={one}>{NAMES[one]}</option>)}
          </select>
        </label>
      </footer>
    </div>
  );
}
