import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ConsoleMachines } from '#contracts/console';
import { messageOf } from '#kernel/errors';
import type { NodeConsole, Watcher } from '../recorder/node-console.ts';
import { RfbGate } from './rfb-gate.ts';
import type { Desk } from './serial-session.ts';
import { ENDS, type SessionEnd, type Ticket } from './ticket.ts';

/** One person at the screen of a machine: RFB in the WebSocket's binary frames, control messages in its text frames. */
export class ScreenSession implements Watcher {
  readonly ticket: Ticket;
  readonly #socket: WebSocket;
  readonly #console: NodeConsole;
  readonly #desk: Desk;
  readonly #machines: ConsoleMachines;
  readonly #stop = new AbortController();
  readonly #speaks: boolean;
  #ended: SessionEnd | undefined;
  #over: () => void = () => {};

  constructor(parts: {
    ticket: Ticket;
    socket: WebSocket;
    console: NodeConsole;
    desk: Desk;
    machines: ConsoleMachines;
  }) {
    this.ticket = parts.ticket;
    this.#socket = parts.socket;
    this.#console = parts.console;
    this.#desk = parts.desk;
    this.#machines = parts.machines;
    this.#speaks = parts.socket.protocol === 'ingot.console.v1';
  }

  async run(): Promise<void> {
    const socket = this.#socket;
    const over = new Promise<void>((resolve) => {
      this.#over = resolve;
    });
    this.#console.watchers.add(this);
    socket.once('close', () => this.end('closed'));
    if (this.ticket.mode === 'write' && this.#desk.writer() === null) this.#desk.take(this.ticket);
    let screen: Duplex | undefined;
    try {
      // What the browser says before the machine's screen answers must wait.
      socket.pause();
      screen = await this.#machines.screen(this.ticket.node, this.#stop.signal);
      this.#say({ type: 'hello', node: this.ticket.node, mode: this.ticket.mode });
      this.sayWriter();
      this.#join(screen);
      socket.resume();
      await over;
    } catch (error) {
      this.#say({ type: 'notice', text: messageOf(error) });
      this.#ended ??= 'absent';
    } finally {
      screen?.destroy();
      this.#console.watchers.delete(this);
      this.#desk.release(this.ticket);
      socket.resume();
      const [code, why] = ENDS[this.#ended ?? 'stopped'];
      this.#say({ type: 'bye', reason: this.#ended ?? 'stopped', text: why });
      socket.close(code, why);
    }
  }

  records(): void {}

  tenancy(now: number | null): void {
    if (this.ticket.scope !== 'all' && now !== this.ticket.scope) this.end('lease-ended');
  }

  switchedOff(): void {
    this.end('switched-off');
  }

  moved(): void {
    this.end('moved');
  }

  end(why: SessionEnd): void {
    this.#ended ??= why;
    this.#stop.abort();
    this.#over();
  }

  sayWriter(): void {
    const writer = this.#desk.writer();
    this.#say({
      type: 'writer',
      you: writer?.id === this.ticket.id,
      by: writer?.userName ?? null,
      readers: this.#desk.sessions.size,
    });
  }

  #join(screen: Duplex): void {
    const socket = this.#socket;
    const gate = new RfbGate();
    const mayAct = () => this.#desk.writer()?.id === this.ticket.id;
    let greeting = Buffer.alloc(0);
    let isRfb = false;
    // Each side waits for the other: nothing piles up here.
    screen.on('data', (bytes: Buffer) => {
      if (!isRfb) {
        greeting = Buffer.concat([greeting, bytes]);
        if (greeting.length >= 4 && !greeting.subarray(0, 4).equals(Buffer.from('RFB '))) {
          this.#say({ type: 'notice', text: 'the screen of this machine does not speak RFB (VNC)' });
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
      if (this.#ended !== undefined) return;
      if (!isBinary && this.#speaks) {
        this.#control(data);
        return;
      }
      const passed = gate.pass(data, mayAct);
      if (passed === null) this.end('protocol');
      else if (passed.length > 0 && !screen.write(passed)) {
        socket.pause();
        screen.once('drain', () => socket.resume());
      }
    });
  }

  #control(data: Buffer): void {
    try {
      const { type } = JSON.parse(data.toString('utf8')) as { type?: unknown };
      if (type === 'take' && this.ticket.mode === 'write') this.#desk.take(this.ticket);
      else if (type === 'release') this.#desk.release(this.ticket);
    } catch {
      this.end('protocol');
    }
  }

  #say(message: Record<string, unknown>): void {
    if (this.#speaks && this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}
