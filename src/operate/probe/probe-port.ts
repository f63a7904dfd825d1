import { readFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { run } from '#kernel/run';
import type { Random } from '#kernel/random';
import { vsctl } from './local-switch.ts';

const TOOL_MS = 5_000;
const MARK = 'ingot-probe';
const ANY = Array.from({ length: 256 }, (_, i) => i);

/** Where a probe hangs: a port OVN knows, or a VLAN of a bridge. */
export type ProbePlace = { bridge: string; mac: string; mtu: number } & ({ port: string } | { vlan: number | null });

/** A port of Open vSwitch in a namespace of its own, for as long as a question takes. */
export class ProbePort {
  readonly name: string;
  readonly device: string;
  readonly mac: string;
  readonly #db: string;

  private constructor(db: string, id: string, mac: string) {
    this.#db = db;
    this.name = `${MARK}-${id}`;
    this.device = `ipr${id}`;
    this.mac = mac;
  }

  /** Makes it. It is marked before it is anywhere: whoever comes after us finds what is left of it. */
  static async make(db: string, place: ProbePlace, random: Random): Promise<ProbePort> {
    const id = Buffer.from(random.bytes(4)).toString('hex');
    const made = new ProbePort(db, id, place.mac);
    const { device, name } = made;
    const tag = 'vlan' in place && place.vlan !== null ? [`tag=${place.vlan}`] : [];
    const settings = [
      'type=internal',
      `mac="${place.mac}"`,
      `mtu_request=${place.mtu}`,
      `external_ids:${MARK}="${ownMark()}"`,
      ...('port' in place ? [`external_ids:iface-id=${place.port}`, `external_ids:attached-mac="${place.mac}"`] : []),
    ];
    try {
      await vsctl(db, 'add-port', place.bridge, device, ...tag, '--', 'set', 'interface', device, ...settings);
      await ip('netns', 'add', name);
      await ip('link', 'set', device, 'netns', name);
      await made.#settle(place);
    } catch (error) {
      await made.remove();
      throw error;
    }
    return made;
  }

  /** Hears answers to any address, as who has none yet must, and asks without one. */
  async #settle({ mtu, mac }: ProbePlace): Promise<void> {
    const { device } = this;
    const here = ['-n', this.name];
    for (const file of ['all/rp_filter', `${device}/rp_filter`]) await this.#set(`ipv4/conf/${file}`, '0');
    await this.#set(`ipv6/conf/${device}/accept_dad`, '0');
    await this.#set(`ipv6/conf/${device}/accept_ra`, '0');
    await ip(...here, 'link', 'set', 'lo', 'up');
    await ip(...here, 'link', 'set', device, 'address', mac, 'mtu', String(mtu));
    await ip(...here, 'link', 'set', device, 'up');
    await ip(...here, 'route', 'add', 'default', 'dev', device);
    await ip(...here, 'route', 'add', 'local', '0.0.0.0/0', 'dev', 'lo', 'table', '68');
    await ip(...here, 'rule', 'add', 'iif', device, 'lookup', '68', 'priority', '10');
  }

  async #set(name: string, value: string): Promise<void> {
    // A kernel without IPv6 has no such file.
    await this.in(['sh', '-c', `[ ! -e /proc/sys/net/${name} ] || echo ${value} > /proc/sys/net/${name}`]);
  }

  /** Takes an address. */
  async take(address: string): Promise<void> {
    const nodad = address.includes(':') ? ['nodad'] : [];
    await ip('-n', this.name, 'addr', 'add', address, 'dev', this.device, ...nodad);
  }

  /** Runs a program in there; what it said, or null when it did not end well. */
  async in(command: readonly string[], timeoutMs = TOOL_MS): Promise<string | null> {
    const args = ['netns', 'exec', this.name, ...command];
    const { code, stdout } = await run('ip', args, { timeoutMs, okCodes: ANY, bound: true });
    return code === 0 ? stdout : null;
  }

  async remove(): Promise<void> {
    await removeProbe(this.#db, this.device);
  }
}

const ip = (...args: string[]) => run('ip', args, { timeoutMs: TOOL_MS });

async function removeProbe(db: string, device: string): Promise<void> {
  await vsctl(db, '--if-exists', 'del-port', device);
  await run('ip', ['netns', 'del', `${MARK}-${device.slice(3)}`], { timeoutMs: TOOL_MS, okCodes: ANY });
}

/** What marks things as ours, for as long as this process lives. */
export const ownMark = (): string => ownerText(process.pid);
/** False: whoever marked it is no more. Only of this host. */
export const markLives = (mark: string): boolean => ownerText(Number(mark.split(':')[0])) === mark;

/** A process, so that another one of the same number is not taken for it. */
function ownerText(pid: number): string {
  try {
    // The 22nd word: when it began. Its name, in brackets, may have blanks.
    const words = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return `${pid}:${words[19]}`;
  } catch {
    return `${pid}:gone`;
  }
}

/** Removes what probes of processes that are no more have left behind; how many. */
export async function removeLeftProbes(db: string): Promise<number> {
  const text = await vsctl(
    db,
    '--format=json',
    '--columns=name,external_ids',
    'find',
    'Interface',
    `external_ids:${MARK}!=""`,
  );
  const { data } = JSON.parse(text) as { data: [string, ['map', [string, string][]]][] };
  const living = new Set<string>();
  let gone = 0;
  for (const [device, [, pairs]] of data) {
    const owner = new Map(pairs).get(MARK) ?? '';
    if (markLives(owner)) living.add(device);
    else {
      await removeProbe(db, device);
      gone++;
    }
  }
  await mkdir('/run/netns', { recursive: true });
  for (const file of await readdir('/run/netns')) {
    const device = `ipr${file.slice(MARK.length + 1)}`;
    // Of one that another doctor makes this moment, the port is there first.
    if (file.startsWith(`${MARK}-`) && !living.has(device) && !data.some(([name]) => name === device)) {
      await removeProbe(db, device);
    }
  }
  return gone;
}
