// Runs in a network namespace of its own: a rack, a boot service on its provisioning network, and what the ramdisks
// call. Boots each machine as it was told, and says on standard output when its first call came.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { systemClock } from '../../../src/kernel/clock.ts';
import { run } from '../../../src/kernel/run.ts';
import { createBoot } from '../../../src/boot/index.ts';
import type { BootRequest } from '../../../src/contracts/boot.ts';
import type { LabMachine } from '../../../src/lab/lab-machine.ts';
import { startLab } from '../../../src/lab/up.ts';
import { createLog } from '../../../src/platform/log.ts';
import { openStore } from '../../../src/store/index.ts';
import { openSealer } from '../../../src/store/seal.ts';
import { ask, reset, SYSTEM } from '../../lab/client.ts';

/** One machine and how it shall boot. */
export interface BootWish {
  name: string;
  mode: 'bios' | 'uefi';
  secureBoot?: boolean;
  /** What the BMC is told: network, HTTP, or a medium. */
  device: 'Pxe' | 'UefiHttp' | 'Cd';
  method: 'virtual-media' | 'uefi-http' | 'ipxe' | 'pxe';
  /** With UefiHttp: the URL by Redfish, else by DHCP. */
  byRedfish?: boolean;
  /** A medium with this address in it, and no DHCP at all. */
  staticAddress?: string;
  /** Its firmware speaks IPv6 only, and the switch passes on nothing else from or to it. */
  ip6?: boolean;
  /** Discovery: nothing is offered to it. */
  unknown?: boolean;
  memoryMiB?: number;
}

export interface Wish {
  databaseUrl: string;
  dataDir: string;
  labDir: string;
  ramdiskDir: string;
  ramdiskName: string;
  machines: BootWish[];
  timeoutMs: number;
  discovery?: boolean;
  dhcp?: 'on' | 'proxy';
}

const wish = JSON.parse(process.argv[2] ?? '{}') as Wish;
const say = (line: unknown) => void process.stdout.write(`${JSON.stringify(line)}\n`);
const LEG = 'prov0';

const lab = await startLab({
  machines: wish.machines.map((machine) => ({
    name: machine.name,
    mode: machine.mode,
    memoryMiB: machine.memoryMiB ?? 1024,
    secureBoot: machine.secureBoot ?? false,
    ip6Only: machine.ip6 ?? false,
    nics: [{}],
    disks: [{ bus: 'nvme' as const, sizeBytes: 64 << 20 }],
  })),
  dir: wish.labDir,
  network: true,
  vlan: 10,
  control: null,
});
await lab.switch?.addHostLeg(LEG, 10, '10.9.0.1/24');
await run('ip', ['-6', 'address', 'add', 'fd00:9::1/64', 'dev', LEG, 'nodad'], { timeoutMs: 5000 });
if (wish.dhcp === 'proxy') await startOther();
await systemClock.sleep(300);

const started = new Map<string, number>();
const waiting = new Map<string, () => void>();
const calls = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(parts).toString()) as { node_uuid: string };
    response.end('{}');
    const from = request.socket.remoteAddress ?? '';
    const name = wish.machines.find((m) => lab.machine(m.name).spec.uuid === body.node_uuid)?.name ?? body.node_uuid;
    say({ call: name, from, body, afterS: Math.round((performance.now() - (started.get(name) ?? 0)) / 100) / 10 });
    waiting.get(name)?.();
  });
});
await new Promise<void>((resolve) => calls.listen(8385, '::', resolve));

const store = await openStore({
  databaseUrl: wish.databaseUrl,
  maxConnections: 4,
  clock: systemClock,
  log: createLog({ level: 'warn' }),
});
const sealer = await openSealer(store, wish.dataDir, systemClock);
const boot = createBoot({
  store,
  sealer,
  clock: systemClock,
  log: createLog({ level: 'info' }),
  config: {
    interface: LEG,
    httpPort: 80,
    media: { listen: null, url: null },
    dhcp: wish.dhcp ?? 'on',
    range: null,
    range6: null,
    leaseS: 3600,
    routers: [],
    nameservers: [],
    discovery: wish.discovery ?? false,
    methods: ['virtual-media', 'uefi-http', 'ipxe', 'pxe'],
    ramdiskDir: wish.ramdiskDir,
    ramdiskName: wish.ramdiskName,
    kernelParameters: ['console=ttyS0,115200n8', 'quiet'],
    offerMs: 3_600_000,
    attemptMs: 900_000,
    allowedNetworks: ['127.0.0.0/8'],
    maxFileBytes: 64 * 1024 ** 2,
    fileFolders: [],
    dataDir: `${wish.dataDir}/boot`,
    callbackUrl: 'http://10.9.0.1:8385',
  },
});
await boot.start();
say({ methods: await boot.service.methods() });

/** The DHCP server of somebody else, at another place of the network: it gives addresses, and knows of no boot. */
async function startOther(): Promise<void> {
  await lab.switch?.addHostLeg('other0', 10, '10.9.0.2/24');
  const range = ['--dhcp-range=10.9.0.100,10.9.0.200,255.255.255.0', '--dhcp-option=option:router,10.9.0.2'];
  const args = ['--no-daemon', '--port=0', '--interface=other0', '--bind-interfaces', '--conf-file=/dev/null'];
  const other = spawn('dnsmasq', [...args, ...range, `--dhcp-leasefile=${wish.dataDir}/other-leases`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  process.once('exit', () => other.kill());
}

/** The switch forwards no frame of IPv4 or ARP from a machine: what it does, it does by IPv6. */
async function withoutIp4(machine: LabMachine): Promise<void> {
  const { ovsdb = '', bridge = '', prefix = [] } = lab.switch ?? {};
  await run('ovs-vsctl', [`--db=${ovsdb}`, 'set-controller', bridge, 'ptcp:6653:127.0.0.1'], { timeoutMs: 10_000 });
  const drop = async (match: string) => {
    const [program, ...args] = [
      ...prefix,
      'ovs-ofctl',
      'add-flow',
      'tcp:127.0.0.1:6653',
      `priority=9,${match},actions=drop`,
    ];
    // The switch opens that door a moment after it said that it would.
    for (let tries = 100; ; tries--) {
      const { code } = await run(program ?? '', args, { timeoutMs: 10_000, okCodes: tries > 0 ? [0, 1] : [0] });
      if (code === 0) return;
      await systemClock.sleep(100);
    }
  };
  for (const { mac } of machine.spec.nics)
    for (const protocol of ['ip', 'arp']) await drop(`${protocol},dl_src=${mac}`);
}

async function bootMachine(one: BootWish): Promise<void> {
  const machine = lab.machine(one.name);
  const callbackUrl = one.ip6 === true ? 'http://[fd00:9::1]:8385' : boot.service.callbackUrl;
  if (one.ip6 === true) await withoutIp4(machine);
  const request: BootRequest = {
    node: {
      uuid: machine.spec.uuid,
      macs: machine.spec.nics.map((nic) => nic.mac),
      bootMode: one.mode,
      secureBoot: one.secureBoot ?? false,
      cpuArch: 'x86_64',
    },
    payload: { kind: 'ramdisk', purpose: 'deploy', parameters: { 'ipa-api-url': callbackUrl } },
    method: one.method,
    ...(one.staticAddress === undefined ? {} : { networkData: networkData(machine, one.staticAddress) }),
  };
  const ticket = await boot.service.publish(request, AbortSignal.timeout(60_000));
  say({ ticket: one.name, unavailable: ticket.unavailable });
  if (one.device === 'Cd') {
    const slot = '/redfish/v1/Managers/BMC/VirtualMedia/Cd';
    const inserted = await ask(machine, 'POST', `${slot}/Actions/VirtualMedia.InsertMedia`, {
      body: { Image: ticket.isoUrl },
      timeoutMs: 120_000,
    });
    if (inserted.status >= 300) throw new Error(inserted.text);
  }
  const Boot = {
    BootSourceOverrideEnabled: 'Once',
    BootSourceOverrideTarget: one.device,
    BootSourceOverrideMode: one.mode === 'uefi' ? 'UEFI' : 'Legacy',
    ...(one.byRedfish === true ? { HttpBootUri: ticket.httpBootUrl } : {}),
  };
  const set = await ask(machine, 'PATCH', SYSTEM, { body: { Boot } });
  if (set.status >= 300) throw new Error(set.text);
  if (one.secureBoot === true) {
    const secure = await ask(machine, 'PATCH', `${SYSTEM}/SecureBoot`, { body: { SecureBootEnable: true } });
    if (secure.status >= 300) throw new Error(secure.text);
  }
  const called = new Promise<void>((resolve) => waiting.set(one.name, resolve));
  started.set(one.name, performance.now());
  const on = await reset(machine, 'On');
  if (on.status >= 300) throw new Error(on.text);
  const cancel = new AbortController();
  const late = systemClock.sleep(wish.timeoutMs, cancel.signal).then(
    () => 'late',
    () => '',
  );
  const how = await Promise.race([called.then(() => 'called'), late]);
  cancel.abort();
  await systemClock.sleep(600);
  if (how !== 'called')
    say({
      host: (await run('ip', ['neighbour'], { timeoutMs: 5000 })).stdout,
      legs: (await run('ip', ['address'], { timeoutMs: 5000 })).stdout,
    });
  const { serial } = machine.machine;
  const { json: secureBoot } = await ask(machine, 'GET', `${SYSTEM}/SecureBoot`);
  say({
    sightings: one.name,
    how,
    secureBoot: secureBoot['SecureBootCurrentBoot'],
    seen: await boot.service.sightings(machine.spec.uuid),
    console: serial.history.slice(-8000),
  });
  await reset(machine, 'ForceOff');
  await boot.service.withdraw(machine.spec.uuid);
}

function networkData(machine: LabMachine, address: string) {
  return {
    links: [{ id: 'a', type: 'phy', ethernet_mac_address: machine.spec.nics[0]?.mac ?? '' }],
    networks: [{ link: 'a', type: 'ipv4', ip_address: address, netmask: '255.255.255.0' }],
    services: [],
  };
}

// One after the other: two machines at once on a loaded host tell nothing about time.
for (const machine of wish.machines) await bootMachine(machine);
await boot.stop();
await store.close();
calls.close();
await lab.close();
say({ done: true });
process.exit(0);
