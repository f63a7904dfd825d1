import { createSocket } from 'node:dgram';
import type { Clock } from '#kernel/clock';

/** What a BMC tells everybody, before any login. */
export interface IpmiPresence {
  /** Cipher suites it takes; null: it did not say. */
  suites: number[] | null;
}

const RMCP = [0x06, 0x00, 0xff];
const ASF_PING = Buffer.from([...RMCP, 0x06, 0x00, 0x00, 0x11, 0xbe, 0x80, 0x01, 0x00, 0x00]);
const PRESENT_CHANNEL = 0x0e;
const AUTH_CAPABILITIES = 0x38;
const CIPHER_SUITES = 0x54;
/** A list of suites has no more pieces than that (22.15). */
const MOST_PIECES = 8;

/**
 * Is there a BMC that speaks IPMI over LAN? Asks without a session, so that no account is touched: the ASF presence ping
 * and Get Channel Authentication Capabilities (many BMCs answer only one of them), then its cipher suites. Undefined:
 * nobody answered within `waitMs`, twice.
 */
export async function ipmiPresence(
  address: string,
  port: number,
  options: { clock: Clock; waitMs: number; signal?: AbortSignal | undefined },
): Promise<IpmiPresence | undefined> {
  const { clock, waitMs, signal } = options;
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  let heard: (datagram: Buffer) => void = () => {};
  socket.on('message', (datagram) => heard(datagram));
  socket.on('error', () => {}); // nobody there is no answer
  const ask = (sent: readonly Buffer[], take: (datagram: Buffer) => boolean) =>
    new Promise<Buffer | undefined>((resolve) => {
      const done = (found: Buffer | undefined) => {
        cancel();
        signal?.removeEventListener('abort', gone);
        resolve(found);
      };
      const gone = () => done(undefined);
      const cancel = clock.after(waitMs, gone);
      signal?.addEventListener('abort', gone, { once: true });
      heard = (datagram) => {
        if (take(datagram)) done(datagram);
      };
      for (const bytes of sent) socket.send(bytes, () => {});
    });
  try {
    signal?.throwIfAborted();
    await new Promise<void>((resolve) => socket.connect(port, address, () => resolve()));
    const anybody = [ASF_PING, sessionless(AUTH_CAPABILITIES, [0x80 | PRESENT_CHANNEL, 0x04])];
    const first = (await ask(anybody, isRmcp)) ?? (await ask(anybody, isRmcp));
    if (first === undefined) return undefined;
    const records: number[] = [];
    for (let piece = 0; piece < MOST_PIECES; piece++) {
      const asked = [sessionless(CIPHER_SUITES, [PRESENT_CHANNEL, 0x00, 0x80 | piece])];
      const data = dataOf(await ask(asked, (datagram) => dataOf(datagram, CIPHER_SUITES) !== undefined), CIPHER_SUITES);
      if (data === undefined) return { suites: null };
      records.push(...data.subarray(1));
      if (data.length < 17) break;
    }
    return { suites: suitesOf(records) };
  } finally {
    socket.close();
  }
}

/** A command of the application group in an IPMI 1.5 envelope without session (13.6). */
export function sessionless(command: number, data: readonly number[]): Buffer {
  const head = [0x20, 0x06 << 2];
  const rest = [0x81, 0x00, command, ...data];
  const message = [...head, checksum(head), ...rest, checksum(rest)];
  return Buffer.from([...RMCP, 0x07, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, message.length, ...message]);
}

/** Data of an answer to `command` that was carried out; undefined for anything else. */
export function dataOf(datagram: Buffer | undefined, command?: number): Buffer | undefined {
  if (datagram === undefined || datagram.length < 22 || datagram[3] !== 0x07 || datagram[4] !== 0x00) return undefined;
  const message = datagram.subarray(14, 14 + (datagram[13] ?? 0));
  if (message.length < 8 || message[6] !== 0x00) return undefined;
  if (command !== undefined && message[5] !== command) return undefined;
  return message.subarray(7, -1);
}

/** Ids of the suites in the records of Get Channel Cipher Suites (table 22-18). */
export function suitesOf(records: readonly number[]): number[] {
  const suites: number[] = [];
  for (let at = 0; at + 1 < records.length; ) {
    const start = records[at];
    if (start !== 0xc0 && start !== 0xc1) {
      at++;
      continue;
    }
    suites.push(records[at + 1] ?? 0);
    at += start === 0xc0 ? 2 : 5;
  }
  return suites;
}

const isRmcp = (datagram: Buffer) =>
  datagram.length >= 12 &&
  datagram[0] === 0x06 &&
  (datagram[3] === 0x07 || (datagram[3] === 0x06 && datagram[8] === 0x40));

const checksum = (bytes: readonly number[]) => (0x100 - (bytes.reduce((sum, byte) => sum + byte, 0) & 0xff)) & 0xff;
