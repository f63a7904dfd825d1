import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kernel/clock';
import { boundTo, childEnv, run, start } from '#kernel/run';
import { type Client, openClient } from './client.ts';
import { type Heard, listenAt, startVirtualMachine } from './emulated.ts';
import {
  deploy,
  enrol,
  heardByInspection,
  misplace,
  plugRack,
  startMachines,
  strangers,
  undeploy,
  VLANS,
} from './scenario-machines.ts';
import { machineAsks, NOVA, novaHas, standInNova, virtualAsks } from './scenario-metadata.ts';
import { makeGuest, prepareNamespace, sh, soon } from './wire.ts';

// A cloud as its people use it: the whole program with its own OVN, and nothing but Debian's `openstack` client to tell
// it what to do. Run inside namespaces of its own. Says what it saw as one line of JSON; the test judges it.
//   argv: the database's URL, a folder for everything

const [url = '', dir = ''] = process.argv.slice(2);
const PASSWORD = 'correct-horse-battery';
const API = 'http://127.0.0.1:6385';
const BOOTSTRAP = fileURLToPath(new URL('../../../bin/ingot.mjs', import.meta.url));
const seen: Record<string, unknown> = {};
const times: Record<string, number> = {};
const timed = async <T>(name: string, fn: () => Promise<T>): Promise<T> => {
  const began = systemClock.monotonic();
  const value = await fn();
  times[name] = Math.round(systemClock.monotonic() - began);
  return value;
};
const report = (more: Record<string, unknown> = {}) =>
  process.stdout.write(`${JSON.stringify({ seen: { ...seen, ...more }, times })}\n`);
process.on('uncaughtException', (error) => {
  report({ error: error.stack });
  process.exit(0);
});

await prepareNamespace();
await mkdir(dir, { recursive: true });
const data = join(dir, 'd');
await writeFile(
  join(dir, 'ingot.toml'),
  `data_dir = "${data}"
roles = ["api", "conductor"]
log_level = "warn"
log_format = "json"
[auth]
strategy = "keystone"
admin_password = "${PASSWORD}"
[database]
url = "${url}"
[network]
ovn = "own"
bridge_mappings = ["phys:tor1"]
physical_networks = ["phys:1500:${VLANS.tenants}"]
service_networks = ["provisioning=phys:${VLANS.provisioning}"]
provisioning_network = "provisioning"
cleaning_network = "provisioning"
metadata = true
nova_metadata_url = "${NOVA.url}"
nova_metadata_secret = "${NOVA.secret}"
[conductor]
host = "c1"
`,
  { mode: 0o600 },
);
const nova = await standInNova();
const rack = await timed('rack up', () => startMachines(dir));
const product = start(
  ...boundTo(process.execPath, [BOOTSTRAP, 'up', '--config', join(dir, 'ingot.toml'), '--lab', 'none']),
  {
    env: childEnv({ HOME: dir }),
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
  },
);
let said = '';
product.stderr?.on('data', (part: Buffer) => (said += String(part)));
product.once('exit', (code) => {
  if (seen['done'] === undefined) throw new Error(`the product ended with ${code}: ${said.slice(-2000)}`);
});
const login = (user: string, project: string) => ({
  OS_AUTH_URL: `${API}/identity/v3`,
  OS_IDENTITY_API_VERSION: '3',
  OS_USERNAME: user,
  OS_PASSWORD: PASSWORD,
  OS_PROJECT_NAME: project,
  OS_USER_DOMAIN_NAME: 'Default',
  OS_PROJECT_DOMAIN_NAME: 'Default',
  OS_REGION_NAME: 'RegionOne',
});
const adminEnv = Object.entries(login('admin', 'admin')).map(([name, value]) => `${name}=${value}`);
const ingot = (...words: string[]) => sh('env', ...adminEnv, process.execPath, BOOTSTRAP, ...words);
const as = (user: string, project: string): Promise<Client> => openClient(login(user, project));
// They ask nothing before their first command, and starting them takes as long as starting the product.
const [admin, red, blue] = await Promise.all([as('admin', 'admin'), as('red', 'red'), as('blue', 'blue')]);
await timed(
  'product up',
  () =>
    new Promise<void>((resolve) => {
      let text = '';
      product.stdout?.on('data', (part: Buffer) => {
        text += String(part);
        if (text.includes('http://')) resolve();
      });
    }),
);
const db = `unix:${join(data, 'ovn', 'conf.sock')}`;

await timed('what the operator types', async () => {
  await admin.ask('network create --external --provider-network-type flat --provider-physical-network phys outside');
  await admin.ask(
    'subnet create --network outside --subnet-range 192.0.2.0/24 --gateway 192.0.2.1 --no-dhcp --allocation-pool start=192.0.2.10,end=192.0.2.50 outer',
  );
  for (const name of ['red', 'blue']) {
    await admin.ask(`project create ${name}`);
    await admin.ask(`user create --project ${name} --password ${PASSWORD} ${name}`);
    await admin.tell(`role add --user ${name} --project ${name} member`);
  }
  await admin.ask(
    'network create --project red --provider-network-type vlan --provider-physical-network phys --provider-segment 210 wired',
  );
  // The one thing that OpenStack's client has no word for.
  const { ovsdb, bridge, chassisId } = rack.lab.switch ?? {};
  const address = ['--driver', 'ovs', '--address', ovsdb ?? '', '--option', `bridge=${bridge}`];
  await ingot('switch', 'add', 'rack1', ...address, '--chassis-id', chassisId ?? '', '--physical-network', 'phys');
  await plugRack(db);
});
const offered = timed('machines offered', async () => {
  await enrol(admin, rack, 'm1', 'red');
  await enrol(admin, rack, 'm2', 'blue');
});

/** A tenant's network, and a port for a machine at each address. */
async function tenant(client: Client, addresses: readonly string[], more: string) {
  await client.ask('network create net');
  await client.ask('subnet create --network net --subnet-range 10.0.0.0/24 sub');
  const ports: { id: string; mac_address: string }[] = [];
  for (const ip of addresses) {
    const wish = `--network net --fixed-ip subnet=sub,ip-address=${ip} ${more} vm-${ip}`;
    ports.push(await client.ask(`port create ${wish}`));
  }
  return ports;
}
const [redPorts, bluePorts] = await timed('what two tenants type', () =>
  Promise.all([
    (async () => {
      await red.ask('security group create web');
      await red.ask('security group rule create --protocol tcp --dst-port 80 web');
      const ports = await tenant(red, ['10.0.0.11', '10.0.0.12'], '--security-group web');
      await red.ask('router create r');
      await red.tell('router set --external-gateway outside r');
      await red.tell('router add subnet r sub');
      const fip = await red.ask('floating ip create --port vm-10.0.0.11 outside');
      seen['floating ip'] = { status: fip.status, fixed: fip.fixed_ip_address };
      await red.ask('subnet create --network wired --subnet-range 10.7.0.0/24 wired');
      await red.tell('router add subnet r wired');
      return ports;
    })(),
    tenant(blue, ['10.0.0.11', '10.0.0.12'], ''),
  ]),
);

/** A port for a machine or a virtual machine of its own. */
async function portAt(client: Client, name: string, place: string, ip: string, more = '') {
  const wish = `--network ${place} --fixed-ip ip-address=${ip} ${more} ${name}-${place}`;
  const port = await client.ask(`port create ${wish}`);
  return { id: port.id as string, mac: port.mac_address as string };
}

const hex = (ports: readonly { mac_address: string }[], i: number) => ports[i]?.mac_address ?? '';
const vm = (name: string, ports: readonly { id: string; mac_address: string }[], i: number) =>
  makeGuest(dir, db, name, hex(ports, i), 'br-int', [
    '--',
    'set',
    'interface',
    name,
    `external_ids:iface-id=${ports[i]?.id}`,
  ]);
await soon(async () => (await sh('ovs-vsctl', `--db=${db}`, 'list-br')).includes('br-int'));
const [r1, r2, b1, b2, out] = await timed(
  'guests made',
  async () =>
    [
      await vm('r1', redPorts, 0),
      await vm('r2', redPorts, 1),
      await vm('b1', bluePorts, 0),
      await vm('b2', bluePorts, 1),
      await makeGuest(dir, db, 'out', 'fa:16:3e:99:00:01', 'tor1', []),
    ] as const,
);
await out.in('ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'e0');
const hostEars = await listenAt(join(dir, 'host.heard'), ['r1', 'r2', 'b1', 'b2', 'v1n0', 'v1n1']);
await timed('leases', async () => {
  for (const guest of [r1, r2, b1, b2]) {
    await soon(async () => (seen[`lease ${guest.name}`] = await guest.dhcp()) !== null);
  }
});
for (const guest of [r1, r2, b1, b2, out]) await guest.serve(80);

/** What is read within some seconds: on a machine with much to do a first try may be too slow. */
const reads = async (guest: typeof r1, address: string, expected: string): Promise<string | null> => {
  let got: string | null = null;
  await soon(async () => (got = await guest.get(`http://${address}/`)) === expected);
  return got;
};
seen['red reads its neighbour'] = await reads(r1, '10.0.0.12', 'r2');
seen['blue reads its neighbour'] = await reads(b1, '10.0.0.12', 'b2');
const fip = (await red.ask('floating ip list'))[0]?.['Floating IP Address'] as string;
const gateway = (await red.ask('router show r')).external_gateway_info.external_fixed_ips[0].ip_address as string;
const outsideSees = async (guest: typeof r1) => {
  let address: string | null = null;
  await soon(async () => (address = await guest.get('http://192.0.2.1/cgi-bin/who')) !== null, 15_000);
  return address === fip ? 'the floating address' : address === gateway ? 'the router' : address;
};
seen['outside sees red 1 as'] = await outsideSees(r1);
seen['outside sees red 2 as'] = await outsideSees(r2);
seen['blue, without a router, reaches the outside'] = await b1.get('http://192.0.2.1/cgi-bin/who');
seen['outside reads the floating address'] = await reads(out, fip, 'r1');
await red.tell('port set --no-security-group vm-10.0.0.11');
seen['without the rule it does not'] = await soon(async () => (await out.get(`http://${fip}/`)) === null, 20_000);
await red.tell('port set --security-group web vm-10.0.0.11');
seen['with it again it does'] = await soon(async () => (await out.get(`http://${fip}/`)) === 'r1', 20_000);

// Machines: red's with a card on a VLAN and one on the overlay, and beside it a virtual machine on both; blue's, with the
// address that red's has.
await offered;
const [m1, m2, v1] = await timed('machines deployed', async () => {
  const web = '--security-group web';
  const [one, two] = await Promise.all([
    (async () => {
      const ports = [await portAt(red, 'm1', 'wired', '10.7.0.21'), await portAt(red, 'm1', 'net', '10.0.0.21')];
      const virtual = [
        await portAt(red, 'v1', 'wired', '10.7.0.22', web),
        await portAt(red, 'v1', 'net', '10.0.0.22', web),
      ];
      const vm = await startVirtualMachine(dir, db, 'v1', virtual);
      const guest = await deploy(
        red,
        rack,
        'm1',
        ports.map(({ id }) => id),
      );
      await vm.guest.up();
      return { guest, vm };
    })(),
    (async () => deploy(blue, rack, 'm2', [(await portAt(blue, 'm2', 'net', '10.0.0.21')).id]))(),
  ]);
  return [one.guest, two, one.vm] as const;
});
await timed('leases of machines', async () => {
  for (const guest of [m1, v1.guest]) {
    for (const nic of ['eth0', 'eth1']) {
      await soon(async () => (seen[`lease ${guest.name} ${nic}`] = await guest.dhcp(nic)) !== null, 30_000);
    }
  }
  await soon(async () => (seen['lease m2 eth0'] = await m2.dhcp()) !== null, 30_000);
});
const machineFip = (await red.ask('floating ip create --port m1-wired outside')).floating_ip_address as string;
const says = async (guest: typeof m1, address: string, expected: string, path = '/'): Promise<string | null> => {
  let got: string | null = null;
  await soon(async () => (got = await guest.get(address, path)) === expected);
  return got;
};
await timed('machines used', async () => {
  seen['the machine reads the virtual machine'] = [
    await says(m1, '10.7.0.22', 'v1'),
    await says(m1, '10.0.0.22', 'v1'),
  ];
  seen['the virtual machine reads the machine'] = [
    await says(v1.guest, '10.7.0.21', 'm1'),
    await says(v1.guest, '10.0.0.21', 'm1'),
  ];
  seen['outside sees the machine as'] =
    (await says(m1, '192.0.2.1', machineFip, '/cgi-bin/who')) === machineFip ? 'its floating address' : null;
  seen['outside reads the floating address of the machine'] = await reads(out, machineFip, 'm1');
  seen['.21 is, to red and to blue'] = [await reads(r1, '10.0.0.21', 'm1'), await reads(b1, '10.0.0.21', 'm2')];
  seen['the machine of blue reads its neighbour'] = await says(m2, '10.0.0.12', 'b2');
});

// Each is told of itself, by the network it asks on and the address it has there.
await timed('who am I', async () => {
  seen['machines are told who they are'] = [
    await machineAsks(m1, 'eth0'),
    await machineAsks(m1, 'eth1', ['eth0']),
    await machineAsks(m2, 'eth0'),
  ];
  await novaHas(red, 'vm-10.0.0.11', 'red-11');
  await novaHas(blue, 'vm-10.0.0.11', 'blue-11');
  const forged = ['X-Forwarded-For: 10.0.0.21', 'X-Instance-ID: red-11', 'X-Tenant-ID: red'];
  seen['virtual machines are told who they are'] = [
    await virtualAsks(r1, '/latest/meta-data/'),
    await virtualAsks(b1, '/latest/meta-data/', forged),
    await virtualAsks(b2, '/latest/meta-data/', forged),
  ];
});

await timed('what operators look at', async () => {
  const ports = (await red.ask('port list --network net')) as Record<string, string>[];
  seen['states'] = ports.filter((one) => one['Name']?.startsWith('vm-') === true).map((one) => one['Status']);
  const agents = (await admin.ask('network agent list')) as Record<string, unknown>[];
  seen['agents'] = agents.map((one) => `${one['Agent Type']}: ${one['Alive']}`).sort();
});
await timed('the doctor', async () => {
  const ask = ['doctor', 'network', '--network', 'wired', '--ovs-socket', join(data, 'ovn', 'conf.sock'), '-f', 'json'];
  const command = [...adminEnv, process.execPath, BOOTSTRAP, ...ask];
  const { stdout } = await run('env', command, { timeoutMs: 120_000, okCodes: [0, 1] });
  const found = JSON.parse(stdout) as { what: string; state: string; about: string; seen: string }[];
  const here = found.filter(({ what, about }) => /^(?:dhcp|mtu)$/.test(what) && about === 'network wired');
  seen['the doctor, of the wired network'] = here.map(({ what, state, seen: is }) => `${what} ${state}: ${is}`);
  seen['what the doctor left'] = [
    ...((await admin.ask('port list --device-owner ingot:doctor')) as unknown[]),
    (await sh('ovs-vsctl', `--db=${db}`, 'list-ports', 'tor1')).match(/^ipr/gm),
  ];
});
seen['inspection would find a card on'] = await heardByInspection(rack, 't0n1');

const macs = new Map<string, string>();
for (const [name, client] of [
  ['red', red],
  ['blue', blue],
] as const) {
  for (const one of (await client.ask('port list')) as Record<string, string>[])
    macs.set(one['MAC Address'] ?? '', name);
}
for (const [machine, name] of [
  ['m1', 'red'],
  ['m2', 'blue'],
] as const) {
  for (const { mac } of rack.lab.machine(machine).spec.nics) macs.set(mac, name);
}
const owners: Record<string, string> = { t0n0: 'red', t0n1: 'red', t1n0: 'blue' };
for (const name of ['r1', 'r2', 'v1n0', 'v1n1']) owners[name] = 'red';
for (const name of ['b1', 'b2']) owners[name] = 'blue';
const strange = async (when: (at: number) => boolean) =>
  strangers([...(await rack.ears.all()), ...(await hostEars.all())], owners, macs, when);

// One port on the wrong VLAN, by hand and with nobody to put it right: the ears hear it.
const FOREIGN = ['t0n1: blue', 't1n0: red'];
await ingot('switch', 'set', 'rack1', '--off');
const [wrongFrom, wrongTo] = await misplace(rack, 't1n0', 't0n1', async (from) => {
  const heard = await strange((at) => at >= from);
  return FOREIGN.every((one) => heard.includes(one));
});
await ingot('switch', 'set', 'rack1', '--on');
await timed('machines given back', async () => {
  await v1.machine.close();
  await Promise.all([undeploy(red, 'm1'), undeploy(blue, 'm2')]);
});
const switchPorts = (await rack.lab.switch?.ports()) ?? [];
seen['ports of machines given back'] = switchPorts
  .filter(({ name }) => /^t\d/.test(name))
  .map(({ name, tag, trunks }) => `${name} ${tag} ${trunks.join()}`)
  .sort();
await timed('what a tenant takes away', async () => {
  await red.tell(`floating ip delete ${machineFip}`);
  await red.tell('router remove subnet r wired');
  await red.tell('port delete m1-wired m1-net v1-wired v1-net');
  await red.tell('network delete wired');
  seen['the router is in use'] = (await red.refused('router delete r')).includes('still has ports');
  await red.tell(`floating ip delete ${fip}`);
  await red.tell('router remove subnet r sub');
  await red.tell('router delete r');
  await red.tell('port delete vm-10.0.0.11 vm-10.0.0.12');
  await red.tell('network delete net');
});
const left: unknown[] = [];
for (const what of ['network list --internal', 'port list', 'router list', 'floating ip list'])
  left.push(...(await red.ask(what)));
seen['red has nothing left'] = left;
const northbound = `--db=unix:${join(data, 'ovn', 'nb.sock')}`;
seen['in OVN there is'] = await soon(async () => {
  const names = async (table: string, column: string) =>
    (await sh('ovn-nbctl', northbound, '--bare', `--columns=${column}`, 'list', table))
      .split('\n')
      .filter((line) => line !== '');
  return (await names('Logical_Switch', 'name')).length === 3 && (await names('Logical_Router', 'name')).length === 0;
}, 20_000);
seen['blue reads its neighbour still'] = await reads(b1, '10.0.0.12', 'b2');
await Promise.all([admin.end(), red.end(), blue.end()]);
const heard: Heard[] = [...(await rack.ears.all()), ...(await hostEars.all())];
const wrong = (at: number) => at >= wrongFrom && at <= wrongTo + 2_000;
seen['strangers heard'] = await strange((at) => !wrong(at));
// What blue's machine calls to all goes, while it is on the VLAN of red's overlay, to whoever else is on it.
const alsoMayHear = ['r1: blue', 'r2: blue', 'v1n1: blue'];
const strangersThen = await strange(wrong);
seen['strangers heard with a port on the wrong VLAN'] = strangersThen.filter((one) => !alsoMayHear.includes(one));
seen['ports that heard their own'] = [
  ...new Set(heard.filter(({ port, mac }) => macs.get(mac) === owners[port]).map(({ port }) => port)),
].sort();
seen['done'] = true;
await timed(
  'product down',
  () =>
    new Promise<void>((resolve) => {
      product.once('close', () => resolve());
      product.kill('SIGTERM');
    }),
);
nova.close();
await rack.lab.close();
seen['complaints'] = said
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as { message: string; err?: { message?: string } })
  .map(({ message, err }) => (err?.message === undefined ? message : `${message}: ${err.message}`));
report();
process.exit(0);
