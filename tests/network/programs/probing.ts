import { fileURLToPath } from 'node:url';
import { systemRandom } from '#kernel/random';
import { start } from '#kernel/run';
import { askNetwork, type NetworkAnswers } from '#operate/probe/ask';
import { findLocalSwitch } from '#operate/probe/local-switch';
import { ProbePort, removeLeftProbes } from '#operate/probe/probe-port';
import { type Guest, makeGuest, sh, soon, works } from './wire.ts';

// The network doctor's questions, on real OVN: who answers DHCP, who does so without being asked to, what frames pass.

const WAIT_MS = 3_000;
const DIES = fileURLToPath(new URL('./probe-and-die.ts', import.meta.url));
const mac = (n: number) => `fa:16:3e:00:03:${n.toString(16).padStart(2, '0')}`;

/** A network with a port for the doctor, and who may answer on it. */
export interface Probed {
  dir: string;
  /** The switch's database: its socket. */
  socket: string;
  overlay: { port: string; peer: Guest; target: string };
  vlan: { port: string; id: number };
}
export const PROBE_MACS = { overlay: mac(1), vlan: mac(2) } as const;

const short = ({ port, wire, frames }: NetworkAnswers) => ({
  offers: port.offers.map(({ server, address, mtu }) => `${server} ${address} ${mtu}`),
  IPv6: port.advertisements.map(({ address }) => address),
  wire: wire?.offers.map(({ server }) => server) ?? null,
  frames: frames === null ? null : `${frames.target} ${frames.passes}`,
});

/** What was found out, and what was left. */
export async function probing({ dir, socket, overlay, vlan }: Probed): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  const here = await findLocalSwitch([`${socket}.not`, socket]);
  if (typeof here === 'string') return { here };
  seen['here'] = [here.chassis, here.integration, [...here.bridges].join()];
  seen['elsewhere'] = await findLocalSwitch(['/nowhere/db.sock']);

  const onOverlay = {
    port: { id: overlay.port, mac: PROBE_MACS.overlay, addresses: ['10.1.0.30/24', 'fd00:2::30/64'] },
    wire: null,
    families: '46',
    mtu: 1400,
    targets: ['10.1.0.99', overlay.target],
    waitMs: WAIT_MS,
  } as const;
  seen['overlay'] = short(await askNetwork(here, onOverlay, systemRandom));
  // A veth pair lets pass four bytes more than it says, for a tag.
  await overlay.peer.in('ip', 'link', 'set', 'e0', 'mtu', '1300');
  seen['a narrow link'] = short(
    await askNetwork(here, { ...onOverlay, families: '4', waitMs: 1_000 }, systemRandom),
  ).frames;

  const onVlan = {
    port: { id: vlan.port, mac: PROBE_MACS.vlan, addresses: ['10.7.0.30/24'] },
    wire: { bridge: 'tor1', vlan: vlan.id, mac: mac(3) },
    families: '4',
    mtu: 1500,
    targets: [],
    waitMs: WAIT_MS,
  } as const;
  seen['VLAN'] = short(await askNetwork(here, onVlan, systemRandom));
  // A server nobody asked for, in the VLAN.
  const rogue = await makeGuest(dir, here.db, 'rogue', mac(9), 'tor1', [`tag=${vlan.id}`]);
  await rogue.in('ip', 'addr', 'add', '10.7.0.66/24', 'dev', 'e0');
  const range = [
    '--dhcp-range=10.7.0.100,10.7.0.110,1h',
    '--dhcp-authoritative',
    `--dhcp-leasefile=${dir}/rogue.leases`,
  ];
  const server = start(
    'ip',
    [
      ...['netns', 'exec', 'rogue', 'dnsmasq', '--no-daemon', '--port=0', '--user=root', '--group=root'],
      ...range,
      '--conf-file=/dev/null',
    ],
    { stdio: 'ignore' },
  );
  await soon(() => rogue.can('sh', '-c', 'grep -q :0043 /proc/net/udp'), 5_000);
  // It tries whether somebody has an address, for three seconds, before it offers it.
  seen['VLAN with a stranger'] = short(await askNetwork(here, { ...onVlan, waitMs: 8_000 }, systemRandom));
  server.kill('SIGKILL');

  // One that is killed leaves its probe; the next run takes it away, and no living one's.
  const living = await ProbePort.make(here.db, { bridge: 'tor1', mac: mac(4), mtu: 1500, vlan: 71 }, systemRandom);
  const killed = !(await works(process.execPath, DIES, here.db));
  const left = async () => [
    (await sh('ovs-vsctl', `--db=${here.db}`, 'list-ports', 'tor1')).match(/^ipr/gm)?.length ?? 0,
    (await sh('ip', 'netns', 'list')).match(/^ingot-probe-/gm)?.length ?? 0,
  ];
  seen['left by the killed one'] = [killed, ...(await left())];
  seen['taken away'] = [await removeLeftProbes(here.db), ...(await left())];
  await living.remove();
  seen['left in the end'] = await left();
  return seen;
}
