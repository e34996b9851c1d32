// What people read, in the four languages of the product: Fluent files, one a language, loaded when it is wanted.

import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';

export const LOCALES = ['en', 'es', 'pt', 'ca'] as const;
export type Locale = (typeof LOCALES)[number];

/** The languages by their own names, for those who look for theirs. */
export const NAMES: Record<Locale, string> = { en: 'English', es: 'Español', pt: 'Português', ca: 'Català' };

const KEPT = 'vitrina.locale';
const files = import.meta.glob<string>('../../texts/*.ftl', { query: '?raw', import: 'default' });

let bundle = new FluentBundle('en');
let current: Locale = 'en';

/** The language of this moment. */
export function locale(): Locale {
  return current;
}

/** The language that the person has chosen here, or that their browser asks for. */
export function wished(): Locale {
  const tags = [kept(), ...navigator.languages];
  return tags.map((tag) => LOCALES.find((one) => one === tag?.toLowerCase().split('-')[0])).find((one) => one) ?? 'en';
}

/** Speaks this language from now on. */
export async function speak(wanted: Locale): Promise<void> {
  const text = await files[`../../texts/${wanted}.ftl`]?.();
  if (text === undefined) return;
  // No isolation marks: names and numbers stand in sentences of their own direction here, and tests read the words.
  const next = new FluentBundle(wanted, { useIsolating: false });
  next.addResource(new FluentResource(text));
  bundle = next;
  current = wanted;
  document.documentElement.lang = wanted;
}

/** Remembers what the person chose. */
export function keep(chosen: Locale): void {
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // A browser that keeps nothing asks again the next time.
  }
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** The words for an id. */
export function t(id: string, given?: Record<string, FluentVariable>): string {
  const message = bundle.getMessage(id);
  return message?.value ? bundle.formatPattern(message.value, given) : id;
}

/** The words with a capital, where they begin a line. */
export function titled(words: string): string {
  return words.charAt(0).toLocaleUpperCase(current) + words.slice(1);
}

/** The language with the person's own region, for the way numbers and times are written. */
function regional(): string {
  return navigator.languages.find((tag) => tag.toLowerCase().split('-')[0] === current) ?? current;
}

/** An amount as people write it. */
export function amount(money: { amount: number; currency: string }): string {
  const format = new Intl.NumberFormat(regional(), { style: 'currency', currency: money.currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(money.amount / 10 ** digits);
}

/** A share of a hundred as people write it. */
export function percent(share: number): string {
  return new Intl.NumberFormat(regional(), { style: 'percent', maximumFractionDigits: 1 }).format(share / 100);
}

/** The time of day. */
export function clock(at: string): string {
  return new Intl.DateTimeFormat(regional(), { hour: '2-digit', minute: '2-digit' }).format(new Date(at));
}

/** Day and time of day. */
export function moment(at: string): string {
  return new Intl.DateTimeFormat(regional(), { weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' }).format(new Date(at));
}

/** Hours, minutes and seconds of a time that passes. */
export function lasting(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** A size in bytes as people read it. */
export function size(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return new Intl.NumberFormat(regional(), { style: 'unit', unit: units[step] ?? 'byte', unitDisplay: 'short', maximumFractionDigits: 1 }).format(bytes / 1000 ** step);
}
