// The few parts that every page is made of.

import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon, type IconName } from './icons';

/** The one thing to do here, or another thing to do. */
export function Button(given: {
  children: ComponentChildren;
  onClick?: () => void;
  kind?: 'first' | 'second' | 'quiet' | 'danger';
  type?: 'button' | 'submit';
  disabled?: boolean;
  isBusy?: boolean;
}) {
  const { children, onClick, kind = 'second', type = 'button', disabled = false, isBusy = false } = given;
  return (
    <button type={type} class={`button ${kind}`} onClick={onClick} disabled={disabled || isBusy} aria-busy={isBusy}>
      {children}
    </button>
  );
}

/** A round button of the call: an icon, its words for those who hear or hover, and whether it is on. */
export function Round(given: {
  icon: IconName;
  label: string;
  onClick: () => void;
  pressed?: boolean;
  expanded?: boolean;
  tone?: 'plain' | 'off' | 'danger';
  count?: number;
  name?: string;
  disabled?: boolean;
}) {
  const { icon, label, onClick, pressed, expanded, tone = 'plain', count = 0, name, disabled = false } = given;
  return (
    <button
      type="button"
      class={`round ${tone}`}
      onClick={onClick}
      aria-label={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      data-name={name}
      disabled={disabled}
    >
      <Icon name={icon} />
      <span class="tip" aria-hidden="true">{label}</span>
      {count > 0 && <span class="count" aria-hidden="true">{count > 9 ? '9+' : count}</span>}
    </button>
  );
}

/** The heading of what the page shows now. Takes the focus when it comes, so that a reader begins there. */
export function Heading({ children }: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return <h1 ref={heading} tabIndex={-1}>{children}</h1>;
}

/** Why something did not work, said at once. */
export function Refusal({ text }: { text: string | null }) {
  return <p class="refusal" role="alert">{text}</p>;
}
