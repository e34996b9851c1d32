// A narrow loopback, by a token bucket. Only within a namespace of the test's own.
import { execFileSync } from 'node:child_process';

const tc = (...given) => execFileSync('tc', ['qdisc', ...given], { stdio: 'pipe' });

/** Everything on the loopback device shares so many bits a second from now on. */
export function narrow(rate) {
  tc('replace', 'dev', 'lo', 'root', 'tbf', 'rate', rate, 'burst', '8kb', 'latency', '60ms');
}

/** It is as wide as before. */
export function widen() {
  try {
    tc('del', 'dev', 'lo', 'root');
  } catch {
    // It was wide.
  }
}
