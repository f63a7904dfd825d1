import { fileURLToPath } from 'node:url';
import type { Random } from '#kernel/random';
import { run } from '#kernel/run';
import type { Offer } from '#protocols/dhcp/v4';
import type { Advertisement } from '#protocols/dhcp/v6';
import type { LocalSwitch } from './local-switch.ts';
import { ProbePort } from './probe-port.ts';

/** Who answered. */
export interface DhcpAnswers {
  offers: readonly Offer[];
  advertisements: readonly Advertisement[];
}

/** How frames of a network's size fared. */
export interface FrameAnswers {
  /** Whom we asked: the first that answered small frames; null: nobody does. */
  target: string | null;
  /** Bytes of the largest packet that came back. */
  passes: number | null;
}

export interface NetworkQuestion {
  /** A port of ours on it, which OVN binds to this host. */
  port: { id: string; mac: string; addresses: readonly string[] };
  /** The VLAN itself, where this host reaches it; null: it does not, or there is none. */
  wire: { bridge: string; vlan: number | null; mac: string } | null;
  families: '4' | '6' | '46';
  mtu: number;
  /** Addresses that may answer. */
  targets: readonly string[];
  /** Resolves when the port is heard. */
  ready?: () => Promise<void>;
  waitMs?: number;
}

export interface NetworkAnswers {
  port: DhcpAnswers;
  wire: DhcpAnswers | null;
  /** null: there is no `ping` here. */
  frames: FrameAnswers | null;
}

/** Servers look whether an address is free before they offer it: dnsmasq for three seconds. */
const WAIT_MS = 6_000;
const PROGRAM = fileURLToPath(new URL('./ask-dhcp.ts', import.meta.url));

/** Asks on a network, by probes that are gone after. Throws `ChildFailed`, `ChildTimeout`, `ChildMissing`. */
export async function askNetwork(
  here: LocalSwitch,
  question: NetworkQuestion,
  random: Random,
): Promise<NetworkAnswers> {
  const { port, wire, mtu, families, waitMs = WAIT_MS } = question;
  const probes: ProbePort[] = [];
  const at = async (place: Parameters<typeof ProbePort.make>[1]) => {
    const made = await ProbePort.make(here.db, place, random);
    probes.push(made);
    return made;
  };
  try {
    const own = await at({ bridge: here.integration, mac: port.mac, mtu, port: port.id });
    const other = wire === null ? null : await at({ bridge: wire.bridge, mac: wire.mac, mtu, vlan: wire.vlan });
    await question.ready?.();
    const [byPort, byWire] = await Promise.all([
      askDhcp(own, families, waitMs),
      other === null ? null : askDhcp(other, families, waitMs),
    ]);
    for (const address of port.addresses) await own.take(address);
    return { port: byPort, wire: byWire, frames: await askFrames(own, question) };
  } finally {
    for (const probe of probes) await probe.remove();
  }
}

async function askDhcp(probe: ProbePort, families: string, waitMs: number): Promise<DhcpAnswers> {
  const command = [process.execPath, PROGRAM, probe.device, probe.mac, String(waitMs), families];
  const text = await probe.in(command, waitMs + 10_000);
  return text === null ? { offers: [], advertisements: [] } : (JSON.parse(text) as DhcpAnswers);
}

/** Headers of IP and ICMP. */
const HEADERS = { 4: 28, 6: 48 } as const;
const SMALL = 100;
/** Every link passes these (RFC 8200; and 576 bytes in IPv4). */
const LEAST = { 4: 576, 6: 1280 } as const;

async function askFrames(probe: ProbePort, { mtu, targets }: NetworkQuestion): Promise<FrameAnswers | null> {
  const tool = await pinger();
  if (tool === null) return null;
  const passes = async (target: string, bytes: number): Promise<boolean> => {
    const family = target.includes(':') ? 6 : 4;
    const args = ['-c', '1', '-W', '1', '-s', String(bytes - HEADERS[family]), target];
    // Twice: the first is what addresses are looked up for.
    for (let i = 0; i < 2; i++) if ((await probe.in([...tool, ...args])) !== null) return true;
    return false;
  };
  for (const target of targets) {
    if (!(await passes(target, SMALL))) continue;
    if (await passes(target, mtu)) return { target, passes: mtu };
    let [good, bad] = [LEAST[target.includes(':') ? 6 : 4] - 1, mtu];
    while (bad - good > 1) {
      const middle = Math.floor((good + bad) / 2);
      if (await passes(target, middle)) good = middle;
      else bad = middle;
    }
    return { target, passes: good };
  }
  return { target: null, passes: null };
}

/** What fits into a frame is sent whole and marked "don't fragment" by Linux, with busybox as well. */
async function pinger(): Promise<readonly string[] | null> {
  for (const [tool, ...more] of [
    ['ping', '-M', 'do'],
    ['busybox', 'ping'],
  ]) {
    const is = await run('sh', ['-c', `command -v ${tool}`], { timeoutMs: 2_000, okCodes: [0, 1, 127] });
    if (is.code === 0) return [tool as string, ...more];
  }
  return null;
}
