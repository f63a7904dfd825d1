import type { Account, Role } from '../../accounts.ts';
import { Refusal } from '../../refusal.ts';
import {
  byteAt,
  CODE,
  type Command,
  type CommandContext,
  Completion,
  EMPTY,
  fixedText,
  guidBytes,
  NETFN,
  PRIVILEGE,
  u16,
} from '../command.ts';
import { SUITES } from '../rakp.ts';

const LAN_CHANNEL = 1;
/** "The channel this came by". */
const PRESENT_CHANNEL = 0x0e;

const ROLE_PRIVILEGE: Record<Role, number> = {
  Administrator: PRIVILEGE.administrator,
  Operator: PRIVILEGE.operator,
  ReadOnly: PRIVILEGE.user,
};
const PRIVILEGE_ROLE: Record<number, Role> = { 2: 'ReadOnly', 3: 'Operator', 4: 'Administrator' };

export const privilegeOf = (account: Account): number => ROLE_PRIVILEGE[account.role];

function deviceId({ bmc }: CommandContext): Buffer {
  const [major = 1, minor = 0] = bmc.firmware.version('BMC').split('.').map(Number);
  const bcd = (n: number) => ((Math.floor(n / 10) % 10) << 4) | (n % 10);
  // provides SDRs; sensor, SDR, SEL, FRU and chassis device
  return Buffer.from([0x20, 0x81, major & 0x7f, bcd(minor), 0x02, 0x8f, 0, 0, 0, 0x01, 0x00, 0, 0, 0, 0]);
}

/** What can be spoken here (22.13): RMCP+ only, with names; no anonymous logins. */
function authCapabilities({ bmc }: CommandContext, data: Buffer): Buffer {
  const v2 = (byteAt(data, 0) & 0x80) !== 0;
  const kg = bmc.traits.ipmiKg === '' ? 0 : 0x20;
  return Buffer.from([LAN_CHANNEL, (v2 ? 0x80 : 0) | 0x14, 0x04 | kg, v2 ? 0x02 : 0x01, 0, 0, 0, 0]);
}

function cipherSuites({ bmc }: CommandContext, data: Buffer): Buffer {
  const records = SUITES.filter((s) => bmc.traits.ipmiCiphers.includes(s.id)).flatMap((s) => [
    0xc0,
    s.id,
    s.authentication,
    0x40 | s.integrity,
    0x80 | s.confidentiality,
  ]);
  const from = (byteAt(data, 2) & 0x3f) * 16;
  return Buffer.from([LAN_CHANNEL, ...records.slice(from, from + 16)]);
}

function setPrivilege({ session }: CommandContext, data: Buffer): Buffer {
  if (session === null) throw new Completion(CODE.badState);
  const wanted = byteAt(data, 0) & 0x0f;
  if (wanted === 0) return Buffer.from([session.privilege]);
  if (wanted > session.limit) throw new Completion(0x81);
  session.privilege = wanted;
  return Buffer.from([wanted]);
}

function accountOf({ bmc }: CommandContext, id: number): Account | undefined {
  return bmc.accounts.get(String(id));
}

function mustHave(context: CommandContext, id: number): Account {
  const account = accountOf(context, id);
  if (account === undefined) throw new Completion(CODE.notPresent);
  return account;
}

function userAccess(context: CommandContext, data: Buffer): Buffer {
  const id = byteAt(data, 1) & 0x3f;
  const account = accountOf(context, id);
  const enabled = context.bmc.accounts.list().filter((a) => a.enabled).length;
  const access = account === undefined ? 0x0f : (account.enabled ? 0x10 : 0) | 0x20 | privilegeOf(account);
  return Buffer.from([16, 0x40 | enabled, 1, access]);
}

function setUserAccess(context: CommandContext, data: Buffer): Buffer {
  const account = mustHave(context, byteAt(data, 1) & 0x3f);
  const role = PRIVILEGE_ROLE[byteAt(data, 2) & 0x0f];
  if (role !== undefined) account.role = role;
  return EMPTY;
}

function setUserName(context: CommandContext, data: Buffer): Buffer {
  const id = byteAt(data, 0) & 0x3f;
  const name = data.subarray(1, 17).toString('latin1').replaceAll('\0', '');
  const account = accountOf(context, id);
  try {
    if (account !== undefined && name === '') context.bmc.accounts.delete(account.id);
    else if (account !== undefined) context.bmc.accounts.update(account, { name });
    // IPMI names a slot first and gives it a password later
    else if (name !== '')
      context.bmc.accounts.create(name, context.bmc.random.bytes(8).toString('hex'), 'ReadOnly', false, String(id));
  } catch (error) {
    if (error instanceof Refusal) throw new Completion(CODE.badField);
    throw error;
  }
  return EMPTY;
}

function setUserPassword(context: CommandContext, data: Buffer): Buffer {
  const account = mustHave(context, byteAt(data, 0) & 0x3f);
  const operation = byteAt(data, 1) & 0x03;
  const password = data.subarray(2).toString('latin1').replace(/\0+$/, '');
  if (operation === 0) account.enabled = false;
  else if (operation === 1) account.enabled = true;
  else if (operation === 2) context.bmc.accounts.update(account, { password });
  else if (account.password.reveal() !== password) throw new Completion(0x80);
  return EMPTY;
}

function sessionInfo({ session }: CommandContext): Buffer {
  if (session === null) return Buffer.from([0, 16, 0]);
  const address = Buffer.from(session.address.split('.').map(Number));
  const head = Buffer.from([session.handle, 16, 1, 2, session.privilege, 0x10 | LAN_CHANNEL]);
  return Buffer.concat([head, address, Buffer.alloc(6), u16(session.port)]);
}

const channelOf = (data: Buffer) => {
  const channel = byteAt(data, 0) & 0x0f;
  if (channel !== LAN_CHANNEL && channel !== PRESENT_CHANNEL) throw new Completion(CODE.badField);
  return LAN_CHANNEL;
};

function reset({ bmc, caller }: CommandContext): Buffer {
  bmc.clock.after(50, () => bmc.reboot(bmc.traits.updateRebootMs || 1_500, caller));
  return EMPTY;
}

export const appCommands: readonly Command[] = [
  { netFn: NETFN.app, command: 0x01, name: 'get device id', privilege: 2, run: deviceId },
  { netFn: NETFN.app, command: 0x02, name: 'cold reset', privilege: 4, writes: true, run: reset },
  { netFn: NETFN.app, command: 0x03, name: 'warm reset', privilege: 4, writes: true, run: reset },
  { netFn: NETFN.app, command: 0x04, name: 'self test', privilege: 2, run: () => Buffer.from([0x55, 0x00]) },
  {
    netFn: NETFN.app,
    command: 0x08,
    name: 'get device guid',
    privilege: 2,
    run: ({ bmc }) => guidBytes(bmc.machine.spec.uuid),
  },
  { netFn: NETFN.app, command: 0x2f, name: 'get global enables', privilege: 2, run: () => Buffer.from([0x0c]) },
  {
    netFn: NETFN.app,
    command: 0x37,
    name: 'get system guid',
    privilege: 0,
    run: ({ bmc }) => guidBytes(bmc.machine.spec.uuid),
  },
  { netFn: NETFN.app, command: 0x38, name: 'authentication capabilities', privilege: 0, run: authCapabilities },
  { netFn: NETFN.app, command: 0x3b, name: 'set session privilege', privilege: 2, run: setPrivilege },
  {
    netFn: NETFN.app,
    command: 0x3c,
    name: 'close session',
    privilege: 2,
    run: ({ session }) => {
      session?.close();
      return EMPTY;
    },
  },
  { netFn: NETFN.app, command: 0x3d, name: 'get session info', privilege: 2, run: sessionInfo },
  {
    netFn: NETFN.app,
    command: 0x41,
    name: 'get channel access',
    privilege: 2,
    run: (_c, data) => {
      channelOf(data);
      return Buffer.from([0x02, 0x04]);
    },
  },
  {
    netFn: NETFN.app,
    command: 0x42,
    name: 'get channel info',
    privilege: 2,
    run: (_context, data) => Buffer.from([channelOf(data), 0x04, 0x01, 0x80, 0xf2, 0x1b, 0x00, 0x00, 0x00]),
  },
  { netFn: NETFN.app, command: 0x43, name: 'set user access', privilege: 4, writes: true, run: setUserAccess },
  { netFn: NETFN.app, command: 0x44, name: 'get user access', privilege: 3, run: userAccess },
  { netFn: NETFN.app, command: 0x45, name: 'set user name', privilege: 4, writes: true, run: setUserName },
  {
    netFn: NETFN.app,
    command: 0x46,
    name: 'get user name',
    privilege: 3,
    run: (context, data) => fixedText(accountOf(context, byteAt(data, 0) & 0x3f)?.name ?? '', 16),
  },
  { netFn: NETFN.app, command: 0x47, name: 'set user password', privilege: 4, writes: true, run: setUserPassword },
  { netFn: NETFN.app, command: 0x54, name: 'get cipher suites', privilege: 0, run: cipherSuites },
];
