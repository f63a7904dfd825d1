import { existsSync } from 'node:fs';
import { IngotError } from '#kernel/errors';
import { run } from '#kernel/run';

/** Open vSwitch of this host, as OVN uses it. */
export interface LocalSwitch {
  /** Remote of its database. */
  db: string;
  /** Name of this host in OVN. */
  chassis: string;
  integration: string;
  /** Bridges by the physical network they lead to. */
  bridges: ReadonlyMap<string, string>;
}

const TOOL_MS = 5_000;

/** Tells the switch, or asks it. */
export async function vsctl(db: string, ...args: string[]): Promise<string> {
  return (await run('ovs-vsctl', [`--db=${db}`, '--timeout=4', ...args], { timeoutMs: TOOL_MS })).stdout;
}

/** The first of these sockets that is one. In words why there is none, for whoever asked. */
export async function findLocalSwitch(sockets: readonly string[]): Promise<LocalSwitch | string> {
  const path = sockets.find((one) => existsSync(one));
  if (path === undefined) return `this host has no Open vSwitch (no ${sockets.join(' or ')})`;
  const db = `unix:${path}`;
  try {
    const text = await vsctl(db, '--format=json', '--columns=external_ids', 'list', 'Open_vSwitch');
    const said = JSON.parse(text) as { data: [[string, [string, string][]]][] };
    const ids = new Map(said.data[0]?.[0]?.[1] ?? []);
    const chassis = ids.get('system-id');
    if (chassis === undefined || !ids.has('ovn-remote'))
      return `Open vSwitch of this host (${path}) is not part of an OVN`;
    const pairs = (ids.get('ovn-bridge-mappings') ?? '').split(',').filter((pair) => pair.includes(':'));
    const bridges = new Map(pairs.map((pair) => pair.split(':', 2) as [string, string]));
    return { db, chassis, integration: ids.get('ovn-bridge') ?? 'br-int', bridges };
  } catch (error) {
    if (!(error instanceof IngotError) && !(error instanceof SyntaxError)) throw error;
    return `Open vSwitch of this host (${path}) does not answer: ${error.message}`;
  }
}
