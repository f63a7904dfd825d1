import { connect, type Socket } from 'node:net';

// A client that costs little, in a process of its own: on two processors what the client burns is missing in the
// server. Plain HTTP/1.1 over TCP, connections kept alive, one request after another on each; every status is read and
// every body is counted to its end. Takes orders, one at a time, until its parent lets it go.

/** What is asked of the client. */
export interface LoadOrder {
  port: number;
  connections: number;
  seconds: number;
  /** Whole requests as they go over the wire, taken in turn. */
  requests: readonly string[];
}

/** What came of it. */
export interface LoadReport {
  requests: number;
  seconds: number;
  /** Replies that were no 2xx, and the first of them. */
  refused: number;
  first: string | null;
  /** Microseconds of CPU of this client. */
  cpu: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = Buffer.from('Content-Length: ');
/** The `2` of `HTTP/1.1 2xx`. */
const SUCCESS = 0x32;

function run({ port, connections, seconds, requests }: LoadOrder): Promise<LoadReport> {
  const texts = requests.map((text) => Buffer.from(text, 'latin1'));
  const cpu = process.cpuUsage();
  const started = performance.now();
  const end = started + seconds * 1000;
  let next = 0;
  let done = 0;
  let refused = 0;
  let first: string | null = null;
  let open = connections;
  return new Promise((resolve, reject) => {
    const over = (): void => {
      if (--open > 0) return;
      const used = process.cpuUsage(cpu);
      const took = (performance.now() - started) / 1000;
      resolve({ requests: done, seconds: took, refused, first, cpu: used.user + used.system });
    };
    const send = (socket: Socket): void => {
      if (performance.now() < end) {
        socket.write(texts[next++ % texts.length] as Buffer);
        return;
      }
      socket.destroy();
      over();
    };
    /** How long the reply at the start of `got` is; null when its head is not whole yet. */
    const lengthOf = (got: Buffer): number | null => {
      const head = got.indexOf(HEAD_END);
      if (head < 0) return null;
      const at = got.indexOf(LENGTH);
      if (at < 0 || at > head) throw new Error(`a reply without length: ${got.toString('latin1', 0, head)}`);
      let length = 0;
      for (let i = at + LENGTH.length; (got[i] as number) !== 13; i++) length = length * 10 + (got[i] as number) - 48;
      return head + HEAD_END.length + length;
    };
    for (let i = 0; i < connections; i++) {
      const buffer = Buffer.alloc(65_536);
      let held: Buffer | undefined;
      const take = (bytes: number): boolean => {
        const part = buffer.subarray(0, bytes);
        const got = held === undefined ? part : Buffer.concat([held, part]);
        const length = lengthOf(got);
        if (length === null || got.length < length) {
          held = Buffer.from(got);
          return true;
        }
        held = undefined;
        if (got[9] !== SUCCESS) {
          refused++;
          first ??= got.toString('latin1', 0, 600);
        }
        done++;
        send(socket);
        return true;
      };
      const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback: take } });
      socket.on('connect', () => send(socket));
      socket.on('error', reject);
    }
  });
}

process.on('message', (order: LoadOrder) => {
  run(order).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
