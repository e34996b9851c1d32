// Products that are shown, and the cart that they go into.

import type { Client } from '../../api/client';
import type { Happened } from '../../api/live';
import type { CartView, Money, Product, Variant } from '../../api/schema.gen';
import type { Store } from '../../ui/store';
import type { State } from './state';

/** What is shown and bought in a call. */
export class Goods {
  private loading: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: Store<State>,
    private readonly client: Client,
  ) {}

  /** Cart and products, as of this position at least. */
  load(position: number): Promise<void> {
    this.loading = this.loading.then(async () => {
      const cart = await this.client.ask<CartView>('GET', `${this.path}/cart?at_least=${position}`).catch(() => null);
      if (cart) this.store.set({ cart });
    });
    return this.loading;
  }

  /** Shows a product to the customer. */
  async show(product: Product): Promise<void> {
    await this.client.ask('POST', `${this.path}/products`, { body: product });
  }

  /** Puts so many of it, or of one of its variants, into the cart. */
  async add(product: Product, variant: Variant | null, quantity: number): Promise<void> {
    const price = priceOf(product, variant);
    if (!price) return;
    const body = {
      cart_id: this.cartId,
      sku: variant?.sku ?? product.sku,
      name: variant ? `${product.name}, ${variant.name}` : product.name,
      quantity,
      unit_price: price,
      ...(product.collections ? { collections: product.collections } : {}),
    };
    const done = await this.client.ask<{ position: number }>('POST', `${this.path}/cart/items`, { body });
    await this.load(done.position);
  }

  /** So many from now on; none takes the line out. */
  async set(sku: string, cartId: string, quantity: number): Promise<void> {
    const item = `${this.path}/cart/items/${encodeURIComponent(sku)}`;
    const done =
      quantity > 0
        ? await this.client.ask<{ position: number }>('PATCH', item, { body: { quantity, cart_id: cartId } })
        : await this.client.ask<{ position: number }>('DELETE', item, { body: { cart_id: cartId } });
    await this.load(done.position);
  }

  /** Something happened to them. */
  happened({ event, position, data }: Happened): void {
    if (event !== 'product.shown' && !event.startsWith('cart.')) return;
    const { panel, unseen, role } = this.store.get();
    if (event === 'product.shown' && role === 'customer' && panel !== 'products') {
      this.store.set({ unseen: unseen + 1, highlight: (data['product'] as Product | undefined) ?? null });
    }
    void this.load(position);
  }

  private get path(): string {
    return `/v1/calls/${this.store.get().callId}`;
  }

  /** The cart that is filled already, or one of this call's own. */
  private get cartId(): string {
    return this.store.get().cart?.items[0]?.cart_id ?? this.store.get().callId;
  }
}

/** What one costs. */
export function priceOf(product: Product, variant: Variant | null): Money | null {
  return variant?.price ?? product.price ?? null;
}
