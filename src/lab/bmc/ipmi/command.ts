import type { Caller } from '../../ledger.ts';
import type { Bmc } from '../bmc.ts';
import type { Sol } from './sol.ts';

/** Completion codes (IPMI 2.0, table 5-2). */
export const CODE = {
  ok: 0x00,
  nodeBusy: 0xc0,
  invalidCommand: 0xc1,
  timeout: 0xc3,
  outOfSpace: 0xc4,
  reservationCancelled: 0xc5,
  badLength: 0xc7,
  outOfRange: 0xc9,
  notPresent: 0xcb,
  badField: 0xcc,
  privilege: 0xd4,
  badState: 0xd5,
  unspecified: 0xff,
} as const;

/** Thrown by a command to answer with a completion code and no data. */
export class Completion extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`completion code ${code.toString(16)}`);
    this.code = code;
  }
}

export const NETFN = { chassis: 0x00, sensor: 0x04, app: 0x06, storage: 0x0a, transport: 0x0c, group: 0x2c } as const;
export const PRIVILEGE = { callback: 1, user: 2, operator: 3, administrator: 4 } as const;

/** Where a command comes from. In-band ones have no session and may do everything. */
export interface CommandContext {
  bmc: Bmc;
  caller: Caller;
  session: SessionView | null;
  sol: Sol;
}

/** What commands see of a session. */
export interface SessionView {
  readonly handle: number;
  readonly userName: string;
  readonly limit: number;
  readonly version: '2.0';
  readonly address: string;
  readonly port: number;
  privilege: number;
  close(): void;
}

/** One command of the table. `privilege` 0: also before a session. */
export interface Command {
  netFn: number;
  command: number;
  name: string;
  privilege: 0 | 2 | 3 | 4;
  /** Writes go into the ledger. */
  writes?: boolean;
  run(context: CommandContext, data: Buffer): Buffer | Promise<Buffer>;
}

export const EMPTY: Buffer = Buffer.alloc(0);

/** The byte at `i`; throws the completion code for a request that is too short. */
export function byteAt(data: Buffer, i: number): number {
  const byte = data[i];
  if (byte === undefined) throw new Completion(CODE.badLength);
  return byte;
}

export const u16 = (value: number): Buffer => Buffer.from([value & 0xff, (value >> 8) & 0xff]);

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

/** Text in a field of fixed length, zero padded. */
export function fixedText(text: string, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.write(text, 0, length, 'latin1');
  return bytes;
}

/** The system's GUID as IPMI sends it: least significant byte first. */
export const guidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex').reverse();
