import { messageOf } from '#kernel/errors';
import { run } from '#kernel/run';
import { errors } from '../../errors.ts';
import { COOKIE } from './flows.ts';

// The flow tables of a bridge, by Open vSwitch's own tool.

/** Where a bridge takes OpenFlow from: the option `openflow`. */
export const OPENFLOW = /^(?:unix:\/[\w./-]{1,100}|tcp:[\w.:[\]-]{1,100})$/;
const TOOL = ['--timeout=20', '-O', 'OpenFlow14'];
const MASK = '0xffffffff00000000';
const cookieOf = (port: number): string => `0x${((BigInt(COOKIE) << 32n) + BigInt(port)).toString(16)}`;

export interface FlowTables {
  /** Our flows, by OpenFlow number of the port, each in one way of writing. */
  read(signal: AbortSignal): Promise<Map<number, Set<string>>>;
  /** Puts these in place of all of ours the ports had, in one transaction. */
  write(ports: ReadonlyMap<number, readonly string[]>, signal: AbortSignal): Promise<void>;
}

/** The flow tables of a bridge. Both throw `SwitchCut`. */
export function flowTables(name: string, remote: string): FlowTables {
  const ofctl = async (args: readonly string[], input: string, signal: AbortSignal): Promise<string> => {
    try {
      const options = { timeoutMs: 25_000, input, signal, maxOutput: 64 << 20 };
      return (await run('ovs-ofctl', [...TOOL, ...args], options)).stdout;
    } catch (error) {
      throw errors.SwitchCut(name, `OpenFlow at ${remote}: ${messageOf(error)}`, { cause: error });
    }
  };
  return {
    async read(signal) {
      const ours = `cookie=0x${(BigInt(COOKIE) << 32n).toString(16)}/${MASK}`;
      const text = await ofctl(['--no-stats', '--no-names', 'dump-flows', remote, ours], '', signal);
      const found = new Map<number, Set<string>>();
      for (const line of text.split('\n')) {
        const cookie = /^\s*cookie=0x([\da-f]+), (.*)$/.exec(line);
        if (cookie === null) continue;
        const port = Number(BigInt(`0x${cookie[1]}`) & 0xffff_ffffn);
        const list = found.get(port) ?? new Set();
        list.add(normal(cookie[2] as string));
        found.set(port, list);
      }
      return found;
    },
    async write(ports, signal) {
      const lines = [...ports].flatMap(([port, flows]) => [
        `delete cookie=${cookieOf(port)}/-1`,
        ...flows.map((flow) => `add cookie=${cookieOf(port)},${flow}`),
      ]);
      if (lines.length > 0) await ofctl(['--bundle', 'add-flows', remote, '-'], `${lines.join('\n')}\n`, signal);
    },
  };
}

/** A flow with its matches in one order. */
export function normal(flow: string): string {
  const [head = '', actions = ''] = flow.split(' actions=');
  const matches = head.split(',').map((one) => one.trim());
  return `${matches
    .filter((one) => one !== '' && one !== 'table=0')
    .sort()
    .join(',')} actions=${actions}`;
}
