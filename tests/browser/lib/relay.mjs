// Ways to the server's media that are not the straight one: a relay that loses packets, and Debian's TURN server.
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './patience.mjs';

/** A relay of UDP that loses one datagram in so many, both ways; each client has a socket of its own behind it. */
export class LossyRelay {
  static #running = new Set();
  passed = 0;
  lost = 0;

  static async start(listen, server, oneIn) {
    const relay = new LossyRelay();
    relay.ways = new Map();
    relay.front = createSocket('udp4');
    relay.front.on('message', (datagram, from) => {
      if (relay.loses(oneIn)) return;
      const key = `${from.address}:${from.port}`;
      if (!relay.ways.has(key)) {
        const way = createSocket('udp4');
        way.on('message', (answer) => {
          if (!relay.loses(oneIn)) relay.front.send(answer, from.port, from.address);
        });
        relay.ways.set(key, way);
      }
      relay.ways.get(key).send(datagram, server.port, server.address);
    });
    relay.front.bind(listen.port, listen.address);
    await once(relay.front, 'listening');
    LossyRelay.#running.add(relay);
    return relay;
  }

  loses(oneIn) {
    this.passed += 1;
    // By chance, since what is lost in step with the senders' own rhythm is always of the same stream.
    const isLost = Math.random() * oneIn < 1;
    if (isLost) this.lost += 1;
    return isLost;
  }

  /** Stops all that run, after a test that failed before its end, too. */
  static stopAll() {
    for (const relay of LossyRelay.#running) for (const socket of [relay.front, ...relay.ways.values()]) socket.close();
    LossyRelay.#running.clear();
  }
}

/** Debian's coturn with time-limited credentials. */
export class Turn {
  static #running = new Set();

  /** Why it cannot be tried here; `false` when it can. */
  static get missing() {
    return spawnSync('sh', ['-c', 'command -v turnserver']).status === 0 ? false : 'coturn is not installed: apt-get install coturn';
  }

  static async start(port, secret) {
    const turn = new Turn();
    turn.folder = mkdtempSync(join(tmpdir(), 'vitrina-turn-'));
    turn.printed = '';
    turn.child = spawn('turnserver', [
      '-n', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`, '--use-auth-secret', `--static-auth-secret=${secret}`,
      '--realm=vitrina', '--allow-loopback-peers', '--no-tls', '--no-dtls', '--no-cli', '--log-file=stdout', '--verbose',
      `--userdb=${join(turn.folder, 'turndb')}`, `--pidfile=${join(turn.folder, 'pid')}`,
    ], { stdio: ['ignore', 'pipe', 'pipe'], cwd: turn.folder });
    for (const stream of [turn.child.stdout, turn.child.stderr]) stream.on('data', (text) => (turn.printed += text));
    turn.ended = once(turn.child, 'exit');
    Turn.#running.add(turn);
    await until(() => {
      if (turn.child.exitCode !== null) throw new Error(`coturn ended:\n${turn.printed}`);
      return /UDP listener opened/.test(turn.printed);
    }, 'coturn listens', 30_000);
    return turn;
  }

  static async stopAll() {
    for (const turn of Turn.#running) {
      turn.child.kill('SIGKILL');
      await turn.ended;
      rmSync(turn.folder, { recursive: true, force: true });
    }
    Turn.#running.clear();
  }
}
