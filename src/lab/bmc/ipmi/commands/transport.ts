import { byteAt, type Command, type CommandContext, Completion, EMPTY, fixedText, NETFN } from '../command.ts';
import { SUITES } from '../rakp.ts';

const REVISION = 0x11;
const ip = (address: string) => Buffer.from(address.split('.').map(Number));

/** LAN parameters that tools show (table 23-4). Reading only: where a BMC is, the lab decides. */
function lanParameter({ bmc }: CommandContext, parameter: number): Buffer | undefined {
  const { address, mac, ipmiPort } = bmc.network;
  const suites = SUITES.filter((s) => bmc.traits.ipmiCiphers.includes(s.id));
  switch (parameter) {
    case 0:
      return Buffer.from([0]);
    case 1:
      return Buffer.from([0x14]);
    case 2:
      return Buffer.from([0, 0x14, 0x14, 0x14, 0]);
    case 3:
      return ip(address);
    case 4:
      return Buffer.from([1]);
    case 5:
      return Buffer.from(mac.replaceAll(':', ''), 'hex');
    case 6:
      return ip('255.255.255.0');
    case 7:
      return Buffer.from([0x40, 0x40, 0x10]);
    case 8:
      return Buffer.from([ipmiPort & 0xff, ipmiPort >> 8]);
    case 12:
      return ip('0.0.0.0');
    case 13:
      return Buffer.alloc(6);
    case 16:
      return fixedText('public', 18);
    case 20:
      return Buffer.from([0, 0]);
    case 22:
      return Buffer.from([suites.length]);
    case 23:
      return Buffer.from([0, ...suites.map((s) => s.id)]);
    case 24:
      return Buffer.from([0, ...Array.from({ length: 8 }, () => 0x44)]);
    default:
      return undefined;
  }
}

/** SOL parameters (table 26-5). */
function solParameter({ bmc }: CommandContext, parameter: number): Buffer | undefined {
  switch (parameter) {
    case 0:
      return Buffer.from([0]);
    case 1:
      return Buffer.from([1]);
    case 2:
      return Buffer.from([0xc2]); // encryption and authentication forced, user level
    case 3:
      return Buffer.from([10, 96]);
    case 4:
      return Buffer.from([7, 50]);
    case 5:
    case 6:
      return Buffer.from([0x0a]); // 115,200 baud
    case 7:
      return Buffer.from([1]);
    case 8:
      return Buffer.from([bmc.network.ipmiPort & 0xff, bmc.network.ipmiPort >> 8]);
    default:
      return undefined;
  }
}

function reader(read: (context: CommandContext, parameter: number) => Buffer | undefined): Command['run'] {
  return (context, data) => {
    byteAt(data, 3);
    if ((byteAt(data, 0) & 0x80) !== 0) return Buffer.from([REVISION]);
    const value = read(context, byteAt(data, 1));
    if (value === undefined) throw new Completion(0x80); // parameter not supported
    return Buffer.concat([Buffer.from([REVISION]), value]);
  };
}

export const transportCommands: readonly Command[] = [
  {
    netFn: NETFN.transport,
    command: 0x01,
    name: 'set LAN parameters',
    privilege: 4,
    writes: true,
    run: (_context, data) => {
      if (byteAt(data, 1) === 0) return EMPTY;
      throw new Completion(0x82); // read-only
    },
  },
  { netFn: NETFN.transport, command: 0x02, name: 'get LAN parameters', privilege: 3, run: reader(lanParameter) },
  {
    netFn: NETFN.transport,
    command: 0x21,
    name: 'set SOL parameters',
    privilege: 4,
    writes: true,
    run: (_context, data) => {
      if (solParameter(_context, byteAt(data, 1)) === undefined) throw new Completion(0x80);
      return EMPTY;
    },
  },
  { netFn: NETFN.transport, command: 0x22, name: 'get SOL parameters', privilege: 2, run: reader(solParameter) },
];
