// Keeps the screen of a phone awake for as long as the call lasts: who looks at another person touches nothing.

interface Lock {
  release(): Promise<void>;
}

/** A screen that stays awake. */
export class Watch {
  private isWanted = false;
  private lock: Lock | null = null;

  constructor() {
    // The system takes the lock away from a page that is not seen.
    document.addEventListener('visibilitychange', () => this.isWanted && document.visibilityState === 'visible' && void this.take());
  }

  on(): void {
    if (this.isWanted) return;
    this.isWanted = true;
    void this.take();
  }

  off(): void {
    this.isWanted = false;
    void this.lock?.release().catch(() => undefined);
    this.lock = null;
  }

  private async take(): Promise<void> {
    const { wakeLock } = navigator as Navigator & { wakeLock?: { request(kind: 'screen'): Promise<Lock> } };
    // A browser that has none, or a battery that is low: the call goes on all the same.
    this.lock = (await wakeLock?.request('screen').catch(() => null)) ?? null;
  }
}
