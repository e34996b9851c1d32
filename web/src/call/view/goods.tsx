// Products and the cart. The shopper shows, the customer chooses how many and puts them in.

import { useState } from 'preact/hooks';
import type { CartLineView, Product, Variant } from '../../api/schema.gen';
import { amount, t } from '../../texts/texts';
import { Icon } from '../../ui/icons';
import { Button } from '../../ui/parts';
import { priceOf } from '../state/goods';
import type { State } from '../state/state';
import type { Visit } from '../state/visit';

/** How long a button says that it is done. */
const ADDED_MS = 2_000;
/** Pieces of one line. */
const QUANTITY_MAX = 99;

export function GoodsPanel({ state, visit }: { state: State; visit: Visit }) {
  const { cart, role, call } = state;
  const shown = newestFirst(cart?.products.map(({ product }) => product) ?? []);
  const about = call?.product && !shown.some((product) => product.sku === call.product?.sku) ? call.product : null;
  return (
    <div class="goods">
      {role === 'shopper' && <Showing visit={visit} state={state} />}
      <h3>{t('products-shown')}</h3>
      {shown.length === 0 && !about && <p class="nothing">{t(`products-none-${role}`)}</p>}
      <ul class="products">
        {about && <Card key={about.sku} product={about} role={role} visit={visit} isShown={false} />}
        {shown.map((product) => <Card key={product.sku} product={product} role={role} visit={visit} isShown />)}
      </ul>
      <h3>{t('cart')}</h3>
      {!cart || cart.items.length === 0 ? (
        <p class="nothing">{t('cart-empty')}</p>
      ) : (
        <>
          <ul class="lines">{cart.items.map((line) => <Line key={`${line.cart_id}/${line.sku}`} line={line} visit={visit} />)}</ul>
          <p class="total"><span>{t('cart-total')}</span> <b>{cart.totals.map(amount).join(' + ')}</b></p>
        </>
      )}
    </div>
  );
}

/** A product that has just been shown, over the picture, so that a customer need open nothing. */
export function Highlight({ product, state, visit }: { product: Product; state: State; visit: Visit }) {
  const close = () => visit.store.set({ highlight: null });
  return (
    <section class="highlight" aria-label={t('notice-product-shown')}>
      <p class="unseen" role="status">{t('notice-product-shown')}: {product.name}</p>
      <button type="button" class="bare" aria-label={t('panel-close')} onClick={close}><Icon name="close" /></button>
      <ul><Card key={product.sku} product={product} role={state.role} visit={visit} isShown onAdded={close} /></ul>
    </section>
  );
}

/** The last time that each was shown counts. */
function newestFirst(products: Product[]): Product[] {
  const seen = new Set<string>();
  return products.reverse().filter((product) => !seen.has(product.sku) && seen.add(product.sku));
}

function Card(given: { product: Product; role: State['role']; visit: Visit; isShown: boolean; onAdded?: () => void }) {
  const { product, role, visit, isShown, onAdded } = given;
  const variants = product.variants ?? [];
  const [sku, pick] = useState(variants[0]?.sku ?? '');
  const variant = variants.find((one) => one.sku === sku) ?? null;
  const price = priceOf(product, variant);
  const name = variant ? `${product.name}, ${variant.name}` : product.name;
  const [quantity, choose] = useState(1);
  const [state, is] = useState<'idle' | 'adding' | 'added'>('idle');
  const add = async () => {
    is('adding');
    try {
      await visit.goods?.add(product, variant, quantity);
      visit.notify(t('notice-cart-added', { product: name }));
      is('added');
      setTimeout(() => (onAdded ? onAdded() : is('idle')), ADDED_MS);
    } catch {
      visit.notify(t('cart-failed'), 'alarm');
      is('idle');
    }
  };
  return (
    <li class="product">
      <div class="photo">{product.image_url ? <img src={product.image_url} alt="" loading="lazy" /> : <span aria-hidden="true">{product.name.charAt(0)}</span>}</div>
      <div class="product-words">
        <p class="product-name">{product.url ? <a href={product.url} target="_blank" rel="noopener noreferrer">{product.name}</a> : product.name}</p>
        <p class="price">{price ? amount(price) : t('price-on-request')}</p>
        {variants.length > 0 && role === 'customer' && (
          <label class="field variant">
            <span>{t('variant')}</span>
            <select value={sku} onChange={(event) => pick(event.currentTarget.value)}>
              {variants.map((one) => <option key={one.sku} value={one.sku}>{one.name}</option>)}
            </select>
          </label>
        )}
        {variants.length > 0 && role === 'shopper' && <p class="small">{variants.map((one) => one.name).join(' · ')}</p>}
        {role === 'customer' && price && (
          <div class="adding">
            <Quantity value={quantity} of={name} onChange={(next) => choose(Math.max(1, next))} />
            <Button kind="first" isBusy={state === 'adding'} onClick={() => void add()}>{state === 'added' ? t('cart-added') : t('cart-add')}</Button>
          </div>
        )}
        {role === 'shopper' && (
          <Button kind="second" onClick={() => void visit.goods?.show(product).then(() => visit.notify(t('notice-product-sent')), () => visit.notify(t('product-failed'), 'alarm'))}>
            {isShown ? t('product-show-again') : t('product-show')}
          </Button>
        )}
      </div>
    </li>
  );
}

function Line({ line, visit }: { line: CartLineView; visit: Visit }) {
  const set = (quantity: number) => void visit.goods?.set(line.sku, line.cart_id, quantity).catch(() => visit.notify(t('cart-failed'), 'alarm'));
  return (
    <li class="line">
      <span class="line-name">{line.name}</span>
      <Quantity value={line.quantity} of={line.name} onChange={set} />
      <span class="price">{amount({ ...line.unit_price, amount: line.unit_price.amount * line.quantity })}</span>
    </li>
  );
}

function Quantity({ value, of, onChange }: { value: number; of: string; onChange: (next: number) => void }) {
  return (
    <div class="quantity" role="group" aria-label={t('quantity', { product: of })}>
      <button type="button" aria-label={t('quantity-less')} onClick={() => onChange(value - 1)}><Icon name="minus" /></button>
      <output aria-live="polite">{value}</output>
      <button type="button" aria-label={t('quantity-more')} disabled={value >= QUANTITY_MAX} onClick={() => onChange(value + 1)}><Icon name="plus" /></button>
    </div>
  );
}

/** A line such as `boot-41 = 41`; without a name the reference is it. */
function variantOf(line: string): Variant[] {
  const [sku = '', name = ''] = line.split('=').map((part) => part.trim());
  return sku === '' ? [] : [{ sku, name: name === '' ? sku : name }];
}

/** The shopper names a product of the shop; what a catalogue knows comes from the catalogue. */
function Showing({ visit, state }: { visit: Visit; state: State }) {
  const [isOpen, open] = useState(false);
  const [failed, fail] = useState(false);
  const show = async (form: HTMLFormElement) => {
    const given = new FormData(form);
    const text = (name: string) => String(given.get(name) ?? '').trim();
    const currency = state.shop?.currency ?? 'EUR';
    const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
    const price = Number(text('price').replace(',', '.'));
    const variants = text('variants').split('\n').flatMap(variantOf);
    const product: Product = {
      ...(variants.length > 0 ? { variants } : {}),
      sku: text('sku'),
      name: text('name'),
      ...(text('price') === '' || Number.isNaN(price) ? {} : { price: { amount: Math.round(price * 10 ** digits), currency } }),
      ...(text('image') === '' ? {} : { image_url: text('image') }),
    };
    try {
      await visit.goods?.show(product);
      form.reset();
      open(false);
      fail(false);
      visit.notify(t('notice-product-sent'));
    } catch {
      fail(true);
    }
  };
  if (!isOpen) return <Button kind="first" onClick={() => open(true)}>{t('product-new')}</Button>;
  return (
    <form class="showing" onSubmit={(event) => { event.preventDefault(); void show(event.currentTarget); }}>
      <label class="field"><span>{t('product-name')}</span><input name="name" required maxLength={200} autoComplete="off" /></label>
      <label class="field"><span>{t('product-sku')}</span><input name="sku" required maxLength={100} autoComplete="off" /></label>
      <label class="field"><span>{t('product-price', { currency: state.shop?.currency ?? '' })}</span><input name="price" inputMode="decimal" autoComplete="off" /></label>
      <label class="field"><span>{t('product-image')}</span><input name="image" type="url" autoComplete="off" /></label>
      <label class="field"><span>{t('product-variants')}</span><textarea name="variants" rows={2} placeholder={'boot-41 = 41'} /></label>
      {failed && <p class="refusal" role="alert">{t('product-failed')}</p>}
      <div class="deeds">
        <Button kind="first" type="submit">{t('product-show')}</Button>
        <Button kind="quiet" onClick={() => open(false)}>{t('never-mind')}</Button>
      </div>
    </form>
  );
}
