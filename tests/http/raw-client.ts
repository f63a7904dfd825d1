import { connect, type Socket } from 'node:net';
import { systemClock } from '#kernel/clock';

/** A client that speaks bytes, so that it can speak wrongly. */
export class RawClient {
  readonly socket: Socket;
  text = '';
  closed = false;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.on('data', (part) => {
      this.text += part.toString('latin1');
    });
    this.socket.on('error', () => {});
    this.socket.on('end', () => {
      this.closed = true;
    });
    this.socket.on('close', () => {
      this.closed = true;
    });
  }

  send(bytes: string | Uint8Array): this {
    this.socket.write(bytes);
    return this;
  }

  /** Waits until `done` says so; throws, with what came, when it does not within `ms`. */
  async until(done: (client: RawClient) => boolean, ms = 10_000): Promise<this> {
    const end = systemClock.monotonic() + ms;
    while (!done(this)) {
      if (systemClock.monotonic() > end) throw new Error(`not within ${ms} ms; got: ${this.text.slice(0, 2000)}`);
      await systemClock.sleep(5);
    }
    return this;
  }

  /** Until the server closed the connection. */
  end(ms?: number): Promise<this> {
    return this.until((client) => client.closed, ms);
  }

  /** Status codes of the replies so far. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)]
      .map((match) => Number(match[1]))
      .filter((status) => status >= 200);
  }

  destroy(): void {
    this.socket.destroy();
  }
}
