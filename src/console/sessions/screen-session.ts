import type { Duplex } from 'node:stream';
import type { ConsoleMachines } from '#contracts/console';
import { messageOf } from '#kernel/errors';
import { RfbGate } from './rfb-gate.ts';
import { ConsoleSession, type SessionParts } from './session.ts';

/** One person at the screen of a machine: RFB in the WebSocket's binary frames, control messages in its text frames. */
export class ScreenSession extends ConsoleSession {
  readonly #machines: ConsoleMachines;
  readonly #stop = new AbortController();

  constructor(parts: SessionParts & { machines: ConsoleMachines }) {
    super(parts);
    this.#machines = parts.machines;
  }

  records(): void {}

  protected stop(): void {
    this.#stop.abort();
  }

  protected async serve(): Promise<void> {
    const { signal } = this.#stop;
    const over = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    let screen: Duplex | undefined;
    try {
      // What the browser says before the machine's screen answers must wait.
      this.socket.pause();
      screen = await this.#machines.screen(this.ticket.node, signal);
      this.say({ type: 'hello', node: this.ticket.node, mode: this.ticket.mode });
      this.sayWriter();
      this.#join(screen);
      this.socket.resume();
      if (!signal.aborted) await over;
    } catch (error) {
      if (!this.isOver) this.say({ type: 'notice', text: messageOf(error) });
      this.end('absent');
    } finally {
      screen?.destroy();
      this.socket.resume();
    }
  }

  #join(screen: Duplex): void {
    const { socket } = this;
    const gate = new RfbGate();
    let greeting = Buffer.alloc(0);
    let isRfb = false;
    // Each side waits for the other: nothing piles up here.
    screen.on('data', (bytes: Buffer) => {
      if (!isRfb) {
        greeting = Buffer.concat([greeting, bytes]);
        if (greeting.length >= 4 && !greeting.subarray(0, 4).equals(Buffer.from('RFB '))) {
          this.say({ type: 'notice', text: 'the screen of this machine does not speak RFB (VNC)' });
          this.end('screen');
          return;
        }
        isRfb = greeting.length >= 4;
      }
      if (socket.readyState !== socket.OPEN) return;
      screen.pause();
      socket.send(bytes, () => screen.resume());
    });
    screen.on('error', () => this.end('screen'));
    screen.once('close', () => this.end('screen'));
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (this.isOver) return;
      if (!isBinary && this.speaks) {
        this.control(data);
        return;
      }
      const passed = gate.pass(data, () => this.writes);
      if (passed === null) this.end('protocol');
      else if (passed.length > 0 && !screen.write(passed)) {
        socket.pause();
        screen.once('drain', () => socket.resume());
      }
    });
  }
}
