// A shop with a shopper, and customers who ask for a call: what every test begins with, through the public API.
import { until } from './patience.mjs';
import { OWNER } from './server.mjs';

export const SHOPPER = { email: 'marta@example.com', password: 'walking boots, size 41', name: 'Marta Soler' };

export const BOOTS = {
  sku: 'boot-41',
  name: 'Walking boots, 41',
  price: { amount: 12900, currency: 'EUR' },
};

export class Shop {
  constructor(url) {
    this.url = url;
  }

  static async open(url, name = 'Maison Aurèle') {
    const shop = new Shop(url);
    shop.owner = await shop.signIn(OWNER);
    await shop.ask('PATCH', '/v1/account', shop.owner, { store_name: name });
    shop.shopper = await shop.hire(SHOPPER);
    return shop;
  }

  async hire({ email, password, name }) {
    const { id } = await this.ask('POST', '/v1/shoppers', this.owner, { name, email, password, languages: ['es', 'en'] });
    const token = await this.signIn({ email, password });
    await this.ask('PUT', `/v1/shoppers/${id}/status`, token, { status: 'available' });
    return { id, token, email, password, name };
  }

  async signIn({ email, password }) {
    return (await this.ask('POST', '/v1/sessions', '', { email, password })).token;
  }

  /** A customer's request. */
  async request(extras = {}) {
    const body = { customer: { name: 'Ana Ribera', email: 'ana@example.com', language: 'es' }, product: BOOTS, device: 'desktop', ...extras };
    const made = await this.ask('POST', '/v1/calls', '', body);
    return { id: made.id, conversation: made.conversation_id, token: made.customer_token, position: made.position };
  }

  /** A request that the shopper has claimed and started. */
  async live(extras = {}) {
    const call = await this.request(extras);
    await this.ask('POST', `/v1/calls/${call.id}/claim`, this.shopper.token, {});
    call.position = (await this.ask('POST', `/v1/calls/${call.id}/start`, this.shopper.token, {})).position;
    return call;
  }

  async history(call) {
    const events = [];
    let cursor = '';
    do {
      const page = await this.ask('GET', `/v1/calls/${call.id}/history?limit=200${cursor}`, this.owner);
      events.push(...page.items);
      cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : '';
    } while (cursor);
    return events;
  }

  /** The events of a call, once they are as they should be: what happened in a page is written down a moment later. */
  async historyWhen(call, isThere, what) {
    return until(async () => {
      const events = await this.history(call);
      return isThere(events) ? events : null;
    }, what);
  }

  /** The record of a call's media, once it is as it should be. */
  async mediaWhen(call, isThere, what) {
    return until(async () => {
      const media = await this.ask('GET', `/v1/calls/${call.id}/media`, this.owner);
      return isThere(media) ? media : null;
    }, what);
  }

  async ask(method, path, token, body) {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() };
    if (token) headers.Authorization = `Bearer ${token}`;
    const answer = await fetch(this.url + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }
}
