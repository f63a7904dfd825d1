import { byteAt, CODE, type Command, type CommandContext, Completion, EMPTY, NETFN, u16 } from '../command.ts';
import type { IpmiSession } from '../session.ts';

const SOL = 1;

function mustBeSol(type: number): void {
  if ((type & 0x3f) !== SOL) throw new Completion(CODE.badField);
}

function activate({ bmc, session, sol, caller }: CommandContext, data: Buffer): Buffer {
  mustBeSol(byteAt(data, 0));
  if (byteAt(data, 1) !== 1 || session === null) throw new Completion(CODE.badField);
  if ((byteAt(data, 2) & 0x80) === 0) throw new Completion(0x84); // only with encryption
  sol.activate(session as IpmiSession);
  bmc.ledger.add(bmc.name, 'action', caller, 'sol.activate');
  return Buffer.concat([Buffer.alloc(4), u16(200), u16(200), u16(bmc.network.ipmiPort || 623), u16(0xffff)]);
}

function deactivate({ bmc, sol, caller }: CommandContext, data: Buffer): Buffer {
  mustBeSol(byteAt(data, 0));
  sol.deactivate();
  bmc.ledger.add(bmc.name, 'action', caller, 'sol.deactivate');
  return EMPTY;
}

export const payloadCommands: readonly Command[] = [
  { netFn: NETFN.app, command: 0x48, name: 'activate payload', privilege: 2, run: activate },
  { netFn: NETFN.app, command: 0x49, name: 'deactivate payload', privilege: 2, run: deactivate },
  {
    netFn: NETFN.app,
    command: 0x4a,
    name: 'payload activation status',
    privilege: 2,
    run: ({ sol }, data) => {
      mustBeSol(byteAt(data, 0));
      return Buffer.from([1, sol.holder === 0 ? 0 : 1, 0]);
    },
  },
  {
    netFn: NETFN.app,
    command: 0x4b,
    name: 'payload instance info',
    privilege: 2,
    run: ({ sol }) => Buffer.from([sol.holder, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
  },
  { netFn: NETFN.app, command: 0x4c, name: 'set payload access', privilege: 4, writes: true, run: () => EMPTY },
  {
    netFn: NETFN.app,
    command: 0x4d,
    name: 'get payload access',
    privilege: 3,
    run: () => Buffer.from([0x02, 0, 0, 0]),
  },
  {
    netFn: NETFN.app,
    command: 0x4e,
    name: 'payload support',
    privilege: 2,
    run: () => Buffer.from([0x03, 0, 0x3f, 0, 0, 0, 0, 0]),
  },
  { netFn: NETFN.app, command: 0x4f, name: 'payload version', privilege: 2, run: () => Buffer.from([0x10]) },
];
