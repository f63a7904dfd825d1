import { Server } from 'node:net';
import type { Clock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import { run, start } from '#kernel/run';
import { METADATA_IP, metadataMac, metadataPort } from '../ovn/rows/metadata.ts';
import type { AskingNetwork } from '../store/metadata.ts';

// A place of the metadata service on this host for each network: a namespace, a veth pair whose outer end is the
// network's localport on the integration bridge, and a socket that listens inside and is ours. Networks of tenants may
// have the same addresses, so that only the socket by which a request came says whose it is.

/** Names of ours begin with this: what an earlier process left behind is known by it. */
const PREFIX = 'ingot-md-';
const BRIDGE = 'br-int';
const TOOL_MS = 20_000;
const LISTEN_MS = 20_000;
const INSIDE = 'md0';

/** Eleven letters of the id, as a device's name has room for fifteen. */
const short = (network: string): string => network.replaceAll('-', '').slice(0, 11);
const namespaceOf = (network: string): string => PREFIX + short(network);
const deviceOf = (network: string): string => `imd-${short(network)}`;

const sh = async (file: string, args: readonly string[]): Promise<string> =>
  (await run(file, args, { timeoutMs: TOOL_MS })).stdout;
const ip = (...args: string[]) => sh('ip', args);

/** Makes and takes away places. `switchDb`: the database of this host's Open vSwitch. */
export class Places {
  readonly #switchDb: string;
  readonly #clock: Clock;

  constructor(switchDb: string, clock: Clock) {
    this.#switchDb = switchDb;
    this.#clock = clock;
  }

  /** The name under which ports are bound to this host. Throws when there is no switch. */
  async hostname(): Promise<string> {
    const name = await this.#vsctl('--if-exists', 'get', 'open_vswitch', '.', 'external_ids:hostname');
    return name.trim().replaceAll('"', '') || (await sh('uname', ['-n'])).trim();
  }

  /** Takes away what an earlier process left behind. */
  async clear(): Promise<void> {
    const devices = await this.#vsctl('--bare', '--columns=name', 'find', 'interface', 'external_ids:ingot=metadata');
    for (const device of devices.split('\n').filter((one) => one !== '')) await this.#dropDevice(device);
    for (const line of (await ip('netns', 'list')).split('\n')) {
      const [name = ''] = line.split(' ');
      if (name.startsWith(PREFIX)) await ip('netns', 'del', name);
    }
  }

  /** Makes the place of a network; gives a server that listens there. */
  async open({ id, mtu }: AskingNetwork): Promise<Server> {
    const [space, device] = [namespaceOf(id), deviceOf(id)];
    try {
      await ip('netns', 'add', space);
      await ip('link', 'add', device, 'type', 'veth', 'peer', 'name', INSIDE, 'netns', space);
      // A switch in user space hands frames on without the checksum the other end would have filled in.
      await sh('ethtool', ['-K', device, 'tx', 'off']);
      await ip('netns', 'exec', space, 'ethtool', '-K', INSIDE, 'tx', 'off');
      const inside = (...args: string[]) => ip('-n', space, ...args);
      await inside('link', 'set', INSIDE, 'address', metadataMac(id), 'mtu', String(mtu));
      await inside('addr', 'add', `${METADATA_IP}/32`, 'dev', INSIDE);
      await inside('link', 'set', INSIDE, 'up');
      // Everybody who asks is on the link, whatever the subnets are.
      await inside('route', 'add', 'default', 'dev', INSIDE);
      await ip('link', 'set', device, 'up');
      const ids = [`external_ids:iface-id=${metadataPort(id)}`, 'external_ids:ingot=metadata'];
      await this.#vsctl('--may-exist', 'add-port', BRIDGE, device, '--', 'set', 'interface', device, ...ids);
      return await listenIn(space, this.#clock);
    } catch (error) {
      await this.close(id).catch(() => {});
      throw error;
    }
  }

  /** Takes the place of a network away. */
  async close(id: string): Promise<void> {
    await this.#dropDevice(deviceOf(id));
    await ip('netns', 'del', namespaceOf(id));
  }

  /** The other end of the pair goes with it. */
  async #dropDevice(device: string): Promise<void> {
    await this.#vsctl('--if-exists', 'del-port', BRIDGE, device);
    await run('ip', ['link', 'del', device], { timeoutMs: TOOL_MS, okCodes: [0, 1] });
  }

  #vsctl(...args: string[]): Promise<string> {
    return sh('ovs-vsctl', [`--db=${this.#switchDb}`, '--timeout=10', ...args]);
  }
}

/** Runs inside the namespace, hands over a socket that listens, and ends: who stayed would take half of the requests. */
const LISTENER = `
const server = require('node:net').createServer();
server.on('error', (error) => { console.error(error.message); process.exit(1); });
server.listen({ host: '${METADATA_IP}', port: 80, backlog: 64 }, () =>
  process.send('listening', server, () => process.exit(0)));`;

/** A socket belongs to the namespace it was made in, whoever holds it. */
function listenIn(space: string, clock: Clock): Promise<Server> {
  const child = start('ip', ['netns', 'exec', space, process.execPath, '-e', LISTENER], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-500);
  });
  return new Promise<Server>((resolve, reject) => {
    const cancel = clock.after(LISTEN_MS, () => child.kill('SIGKILL'));
    child.once('message', (_, handle) => {
      if (handle instanceof Server) resolve(handle);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      cancel();
      reject(new IngotError('MetadataNoSocket', 500, `nobody listens in ${space} (exit code ${code}): ${said.trim()}`));
    });
  });
}
