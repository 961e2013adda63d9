// Events wait a moment and leave together; what cannot be sent waits for the next chance.

const BATCH = 20; // keeps a beacon far below the 64 KiB that browsers allow in flight
const MOST = 200;
const PAUSE = 1000; // milliseconds

export class Queue {
  private waiting: object[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly url: string) {
    const leave = () => this.flush();
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") leave();
    });
  }

  add(event: object, now = false): void {
    this.waiting.push(event);
    if (now || this.waiting.length >= BATCH) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), PAUSE);
  }

  clear(): void {
    this.waiting = [];
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.waiting.length) this.send(this.waiting.splice(0, BATCH));
  }

  // A string goes as text/plain: no preflight, so it also leaves while the page closes.
  private send(events: object[]): void {
    const body = JSON.stringify(events);
    try {
      if (navigator.sendBeacon?.(this.url, body)) return;
    } catch {
      // some blockers throw; fetch may still do
    }
    fetch(this.url, { method: "POST", body, keepalive: true })
      .then((answer) => answer.status >= 500 && this.again(events))
      .catch(() => this.again(events));
  }

  private again(events: object[]): void {
    this.waiting = [...events, ...this.waiting].slice(-MOST);
    this.timer ??= setTimeout(() => this.flush(), 10 * PAUSE);
  }
}
