// Asks the API. One function for everything: the token, the language, the key that makes once out of a repetition, and
// refusals as values with their problem document.

import type { Problem } from './schema.gen';

/** How often a request that got no answer is sent again, under the same key. */
const TRIES_MAX = 4;
/** First pause before a repetition; doubled each time. */
const PAUSE_MS = 400;
/** Longest wait for an answer. */
const ANSWER_WITHIN_MS = 15_000;

/** The server said no, with its reason. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
    this.name = 'Refused';
  }

  get code(): string {
    return this.problem.code;
  }
}

/** No answer came: the network or the server is away. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('the server cannot be reached', { cause });
    this.name = 'Unreachable';
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What may go with a request. */
export interface Extras {
  /** JSON, or a body that says its own type. */
  body?: unknown;
  /** Of the same intent, when it is repeated by hand. */
  key?: string;
  /** Longest wait for the answer, where it is not that of a word. */
  withinMs?: number;
  /** Ask once only: somebody else repeats. */
  once?: boolean;
  /** Goes on after the page is closed. */
  keepalive?: boolean;
}

/** The API with one token. */
export class Client {
  constructor(
    readonly token: string | null,
    private readonly locale: () => string,
  ) {}

  /** Sends a request and gives the answer's JSON. */
  async ask<T>(method: Method, path: string, extras: Extras = {}): Promise<T> {
    const answer = await this.send(method, path, extras);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  /** Sends a request and gives the answer, which is no refusal. */
  async send(method: Method, path: string, extras: Extras = {}): Promise<Response> {
    const key = extras.key ?? crypto.randomUUID();
    for (let attempt = 1; ; attempt += 1) {
      const last = extras.once === true || attempt === TRIES_MAX;
      try {
        const answer = await fetch(path, this.request(method, extras, key));
        if (answer.ok) return answer;
        const refused = new Refused(await problem(answer));
        if (last || (answer.status !== 503 && answer.status !== 429)) throw refused;
      } catch (error) {
        if (error instanceof Refused) throw error;
        if (last) throw new Unreachable(error);
      }
      await pause(PAUSE_MS * 2 ** (attempt - 1));
    }
  }

  private request(method: Method, extras: Extras, key: string): RequestInit {
    const headers = new Headers({ Accept: 'application/json', 'Accept-Language': this.locale() });
    if (this.token !== null) headers.set('Authorization', `Bearer ${this.token}`);
    if (method !== 'GET') headers.set('Idempotency-Key', key);
    let body: BodyInit | null = null;
    if (extras.body instanceof Blob) {
      body = extras.body;
    } else if (extras.body !== undefined) {
      headers.set('Content-Type', 'application/json');
      body = JSON.stringify(extras.body);
    }
    const signal = AbortSignal.timeout(extras.withinMs ?? ANSWER_WITHIN_MS);
    return { method, headers, body, signal, keepalive: extras.keepalive ?? false, cache: 'no-store' };
  }
}

/** The problem document of a refusal, also where a proxy answered with something else. */
async function problem(answer: Response): Promise<Problem> {
  try {
    return (await answer.json()) as Problem;
  } catch {
    const title = answer.statusText;
    return { type: 'about:blank', title, status: answer.status, detail: title, instance: '', code: 'unknown', request_id: '' };
  }
}

/** Lets this time go by. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
