import { join } from 'node:path';
import { systemClock } from '#kernel/clock';
import { type Lab, startLab } from '#lab/up';
import { parseLldp } from '../../../src/agent/inventory/lldp.ts';
import { localLinkOf, neighboursOf } from '../../../src/baremetal/model/lldp.ts';
import type { Client } from './client.ts';
import { EmulatedGuest, type Heard, listenAt, talker } from './emulated.ts';
import { sh, soon } from './wire.ts';

// The machines of the scenario: two emulated ones behind a switch of their own, whose ports the product moves.

/** VLANs of the rack's switch, as the product's settings have them. */
export const VLANS = { provisioning: 100, tenants: '200-299' } as const;
const UPLINK = 'up0';
const BMC = { name: 'admin', password: 'password' };

export interface Rack {
  lab: Lab;
  /** Ears at all ports of machines. */
  ears: Awaited<ReturnType<typeof listenAt>>;
}

/** Two machines on a switch with a cable to the bridge of OVN's physical network; red's has two cards. */
export async function startMachines(dir: string): Promise<Rack> {
  const lab = await startLab({
    machines: [await talker('m1', { nics: [{}, {}] }), await talker('m2', { nics: [{}] })],
    credentials: BMC,
    network: true,
    vlan: VLANS.provisioning,
    control: null,
    dir: join(dir, 'lab'),
  });
  const [first = 0, last = 0] = VLANS.tenants.split('-').map(Number);
  const vlans = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  await lab.switch?.addCable(UPLINK, { mode: 'trunk', vlans });
  const ears = await listenAt(join(dir, 'rack.heard'), ['t0n0', 't0n1', 't1n0'], lab.switch?.prefix);
  await ears.ready();
  return { lab, ears };
}

/** Puts the rack's cable into the bridge of the product's own switch. */
export const plugRack = (db: string) => sh('ovs-vsctl', `--db=${db}`, '--may-exist', 'add-port', 'tor1', UPLINK);

/** One LLDP frame that is handed to a card, read as the ramdisk's agent and inspection read it. */
export async function heardByInspection({ lab }: Rack, port: string): Promise<unknown> {
  const listen =
    'import socket,sys\ns=socket.socket(socket.AF_PACKET,socket.SOCK_RAW,socket.htons(3))\ns.bind((sys.argv[1],0))\n' +
    's.settimeout(20)\nf=b""\nwhile f[12:14]!=b"\\x88\\xcc": f=s.recv(2000)\nprint(f.hex())';
  const [file, ...args] = [...(lab.switch?.prefix ?? []), '/usr/bin/python3', '-c', listen, port];
  const tlvs = parseLldp(Buffer.from((await sh(file, ...args)).trim(), 'hex'));
  const inventory = { interfaces: [{ name: 'eth0', mac_address: '52:54:00:00:00:01' }] };
  return neighboursOf(inventory, { lldp_raw: { eth0: tlvs } }).map(localLinkOf);
}

/** What an operator types to have a machine of the rack offered, as the property of a project. */
export async function enrol(admin: Client, { lab }: Rack, name: string, project: string): Promise<void> {
  const owner = (await admin.ask(`project show ${project}`)).id as string;
  const machine = lab.machine(name);
  const info = {
    redfish_address: machine.redfish.url,
    redfish_username: BMC.name,
    redfish_password: BMC.password,
    redfish_verify_ca: 'false',
  };
  await admin.ask(
    `baremetal node create --name ${name} --driver fake-hardware --network-interface neutron ` +
      '--power-interface redfish --management-interface redfish ' +
      Object.entries(info)
        .map(([key, value]) => `--driver-info ${key}=${value}`)
        .join(' '),
  );
  // Debian's client cannot give an owner at once.
  await admin.says(`baremetal node set ${name} --owner ${owner}`);
  const node = (await admin.ask(`baremetal node show ${name} --fields uuid`)).uuid as string;
  for (const [i, nic] of machine.spec.nics.entries()) {
    const port = nic.link.kind === 'tap' ? nic.link.ifname : '';
    await admin.ask(
      `baremetal port create ${nic.mac} --node ${node} --physical-network phys --pxe-enabled ${i === 0} ` +
        `--local-link-connection switch_id=${lab.switch?.chassisId} --local-link-connection port_id=${port}`,
    );
  }
  await admin.says(`baremetal node manage ${name} --wait 600`);
  await admin.says(`baremetal node provide ${name} --wait 600`);
}

/** What a tenant types to have a machine on networks of its own; gives its console once its system runs. */
export async function deploy(
  tenant: Client,
  { lab }: Rack,
  name: string,
  ports: readonly string[],
): Promise<EmulatedGuest> {
  for (const port of ports) await tenant.tell(`baremetal node vif attach ${name} ${port}`);
  // What its firmware says before the tenant's system comes is none of the tenant's.
  await tenant.says(`baremetal node deploy ${name} --wait 600`);
  const guest = new EmulatedGuest(name, join(lab.dir, name, 'serial'));
  await guest.up();
  return guest;
}

export const undeploy = (tenant: Client, name: string): Promise<string> =>
  tenant.says(`baremetal node undeploy ${name} --wait 600`);

/** Who was heard where he has no business: `port: whose`. `while`: only in that time, else outside of all `except`. */
export function strangers(
  heard: readonly Heard[],
  owners: Readonly<Record<string, string>>,
  macs: ReadonlyMap<string, string>,
  when: (at: number) => boolean,
): string[] {
  const found = new Set<string>();
  for (const { at, port, mac } of heard) {
    const whose = macs.get(mac);
    if (whose !== undefined && whose !== owners[port] && when(at)) found.add(`${port}: ${whose}`);
  }
  return [...found].sort();
}

/** Puts the port of one machine on the VLAN of another by hand, with nobody there to put it right, until `heard`. */
export async function misplace(
  { lab }: Rack,
  port: string,
  as: string,
  heard: (from: number) => Promise<boolean>,
): Promise<[from: number, to: number]> {
  const ports = await lab.switch?.ports();
  const [wrong, right] = [ports?.find(({ name }) => name === as)?.tag, ports?.find(({ name }) => name === port)?.tag];
  const from = systemClock.now();
  await lab.switch?.setPort(port, { mode: 'access', vlan: wrong ?? 0 });
  await soon(() => heard(from), 30_000);
  await lab.switch?.setPort(port, { mode: 'access', vlan: right ?? 0 });
  return [from, systemClock.now()];
}
