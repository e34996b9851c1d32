// How long it takes from the click on "Join the call" to the first frame of the other: a page of its own for each time, in a call in
// which somebody waits already. Prints one line; `tests/browser/run setup.mjs` runs it where the tests run.
import { Person, browser } from './lib/people.mjs';
import { Server } from './lib/server.mjs';
import { Shop } from './lib/shop.mjs';

const TIMES = Number(process.env.TIMES ?? 10);

const server = await Server.start();
const shop = await Shop.open(server.url);
const chrome = await browser();
const call = await shop.live();
const marta = await Person.with(chrome, 'Marta', { colour: 'rgb(30, 60, 200)' });
await marta.openAsShopper(shop, call);
await marta.comeIn();
await marta.page.locator('.stage').waitFor();

const taken = [];
for (let time = 0; time < TIMES; time += 1) {
  const ana = await Person.with(chrome, 'Ana', { colour: 'rgb(200, 40, 40)' });
  await ana.openAsCustomer(shop, call);
  await ana.button('Continue with camera').click();
  await ana.button('Join the call').waitFor();
  taken.push(
    await ana.page.evaluate(
      () =>
        new Promise((resolve) => {
          const clicked = performance.now();
          const look = () => {
            const video = document.querySelector('.picture[data-participant] video');
            if (video) video.requestVideoFrameCallback(() => resolve(performance.now() - clicked));
            else requestAnimationFrame(look);
          };
          document.querySelector('form.prepared button[type=submit]').click();
          look();
        }),
    ),
  );
  await ana.leave();
}
taken.sort((a, b) => a - b);
const ms = (value) => `${Math.round(value)} ms`;
console.log(`# click to first remote frame, ${TIMES} times: best ${ms(taken[0])}, median ${ms(taken[Math.floor(taken.length / 2)])}, worst ${ms(taken.at(-1))}`);
await chrome.close();
await server.stop();
