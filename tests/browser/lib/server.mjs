// The real server on a free port, with a folder of its own: started, killed, started again on the same port.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, openSync, readFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './patience.mjs';

export const OWNER = { email: 'owner@example.com', password: 'correct horse battery staple' };

/** The binary under test. */
export const PROGRAM = process.env.VITRINA_BIN ?? '';

export class Server {
  /** Those that were started and not stopped. */
  static #running = new Set();

  static async start(options = {}, port = null) {
    const server = new Server();
    server.folder = mkdtempSync(join(tmpdir(), 'vitrina-browser-'));
    server.port = port ?? (await freePort());
    server.media = await freePort();
    server.options = options;
    Server.#running.add(server);
    await server.run();
    return server;
  }

  /** Stops every server that still is: after a test that failed before its end, too. */
  static async stopAll() {
    await Promise.all([...Server.#running].map((server) => server.stop()));
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async run() {
    const log = openSync(join(this.folder, 'log'), 'a');
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITRINA_')));
    const env = {
      ...inherited,
      VITRINA_LISTEN: `127.0.0.1:${this.port}`,
      VITRINA_PUBLIC_URL: this.url,
      VITRINA_DATA_DIR: join(this.folder, 'data'),
      VITRINA_FIRST_EMAIL: OWNER.email,
      VITRINA_FIRST_PASSWORD: OWNER.password,
      VITRINA_RATE_LIMIT_CALLER_PER_MINUTE: '1000000000',
      VITRINA_RATE_LIMIT_ADDRESS_PER_MINUTE: '1000000000',
      VITRINA_MEDIA_LISTEN: `127.0.0.1:${this.media}`,
      ...this.options,
    };
    this.child = spawn(PROGRAM, ['serve'], { env, stdio: ['ignore', log, log] });
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
    let gone = false;
    void this.ended.then(() => (gone = true));
    await until(
      async () => {
        if (gone) throw new Error(`the server ended:\n${this.printed()}`);
        return (await fetch(`${this.url}/health/ready`).catch(() => null))?.status === 200;
      },
      'the server is ready',
      30_000,
    );
  }

  printed() {
    const log = join(this.folder, 'log');
    return existsSync(log) ? readFileSync(log, 'utf8') : '';
  }

  /** `kill -9`. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  async stop() {
    Server.#running.delete(this);
    this.child.kill('SIGTERM');
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A port of the loopback device that nobody uses. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
