// How a person comes to this page: a customer by the link, a shopper by signing in.

/** Which call, and as whom. */
export interface Entry {
  callId: string;
  role: 'customer' | 'shopper';
  token: string | null;
}

const STAFF = 'vitrina.session';

/**
 * Reads the address. The customer's token is in the fragment, which no server sees; it is taken out of the address bar, so
 * that nobody passes it on by accident, and kept for as long as the tab lives, so that a reload finds it.
 */
export function read(address: Location): Entry | null {
  const callId = /^\/call\/([0-9a-f-]{36})\/?$/i.exec(address.pathname)?.[1];
  if (callId === undefined) return null;
  const kept = `vitrina.call.${callId}`;
  const fragment = new URLSearchParams(address.hash.slice(1));
  const token = fragment.get('token');
  if (token !== null) {
    keep(sessionStorage, kept, token);
    history.replaceState(null, '', address.pathname);
    return { callId, role: 'customer', token };
  }
  if (fragment.has('staff')) return { callId, role: 'shopper', token: staffToken() };
  const remembered = get(sessionStorage, kept);
  if (remembered !== null) return { callId, role: 'customer', token: remembered };
  return { callId, role: 'shopper', token: staffToken() };
}

/** The shopper's session, which opens every call of theirs. */
export function staffToken(): string | null {
  return get(localStorage, STAFF);
}

/** Keeps or forgets the shopper's session. */
export function keepStaffToken(token: string | null): void {
  if (token === null) localStorage.removeItem(STAFF);
  else keep(localStorage, STAFF, token);
}

/** Whether this tab was in the call before it was loaded anew. */
export function wasIn(callId: string): boolean {
  return get(sessionStorage, `vitrina.in.${callId}`) !== null;
}

/** Remembers that this tab is in the call, or that it is not any more. */
export function rememberIn(callId: string, is: 'in' | 'out'): void {
  if (is === 'in') keep(sessionStorage, `vitrina.in.${callId}`, 'yes');
  else sessionStorage.removeItem(`vitrina.in.${callId}`);
}

function get(storage: Storage, key: string): string | null {
  try {
    return storage.getItem(key);
  } catch {
    return null;
  }
}

function keep(storage: Storage, key: string, value: string): void {
  try {
    storage.setItem(key, value);
  } catch {
    // Without storage a reload asks again; the call itself needs none.
  }
}
