// A PostgreSQL of the test's own: from within this network none other can be reached.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './patience.mjs';
import { freePort } from './server.mjs';

const INSTALLED = '/usr/lib/postgresql';

function programs() {
  if (process.env.PG_BIN_DIR) return process.env.PG_BIN_DIR;
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort((a, b) => Number(a) - Number(b)) : [];
  if (versions.length === 0) throw new Error('postgresql is missing: apt-get install postgresql');
  return join(INSTALLED, versions.at(-1), 'bin');
}

export class Postgres {
  static async start() {
    const database = new Postgres();
    database.folder = mkdtempSync(join(tmpdir(), 'vitrina-postgres-'));
    const data = join(database.folder, 'data');
    // It refuses to be root.
    const id = (flag) => Number(execFileSync('id', [flag, 'postgres']));
    const who = process.getuid() === 0 ? { uid: id('-u'), gid: id('-g') } : {};
    if (who.uid !== undefined) chownSync(database.folder, who.uid, who.gid);
    const plain = { ...who, cwd: database.folder, stdio: 'ignore' };
    execFileSync(join(programs(), 'initdb'), ['-D', data, '-U', 'vitrina', '-A', 'trust', '-N', '-E', 'UTF8', '--no-locale'], plain);
    database.port = await freePort();
    const options = ['listen_addresses=127.0.0.1', 'fsync=off', 'full_page_writes=off', 'shared_buffers=64MB'].flatMap((option) => ['-c', option]);
    database.child = spawn(join(programs(), 'postgres'), ['-D', data, '-p', String(database.port), '-k', database.folder, ...options], plain);
    database.ended = new Promise((resolve) => database.child.once('exit', resolve));
    // It lives in a test's network only, and must not outlive the test.
    database.last = () => database.child.kill('SIGQUIT');
    process.once('exit', database.last);
    await until(() => answers(database.port), 'PostgreSQL answers', 60_000);
    return database;
  }

  get url() {
    return `postgres://vitrina@127.0.0.1:${this.port}/postgres`;
  }

  async stop() {
    process.off('exit', this.last);
    this.child.kill('SIGQUIT');
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
