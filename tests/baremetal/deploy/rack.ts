import type { BootService } from '#contracts/boot';
import type { ImageService } from '#contracts/image';
import { baremetalRules } from '#baremetal/api/policy';
import type { ConductorConfig } from '#baremetal/model/conductor-config';
import { DEFAULT_CONDUCTOR_CONFIG } from '#baremetal/model/conductor-config';
import { secretAad } from '#baremetal/model/secrets';
import { newUuid } from '#kernel/ids';
import type { GuestPlug } from '#lab/machine/simulated/guest';
import type { Store } from '#store/contract';
import { createServer as plainServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Caller } from '#http/contract';
import { createServer } from '#http/server';
import { createPolicy } from '#identity/policy/engine';
import type { AgentControl } from '#lab/machine/simulated/agent/control';
import type { SimulatedAgentOptions } from '#lab/machine/simulated/agent/options';
import { agentGuests } from '#lab/machine/simulated/agent/plug';
import type { SimulatedMachine } from '#lab/machine/simulated/machine';
import type { MachineWish } from '#lab/machine/spec';
import { type Lab, startLab } from '#lab/up';
import { silentLog } from '#platform/log';
import { createMetrics } from '#platform/metrics';
import { insertNode, type Life, type LifeOptions, openLife, testSealer } from '../life/harness.ts';
import { standInImages } from './stand-in-images.ts';

export const USER = 'admin';
export const PASSWORD = 'lab-secret-1';
const ADMIN: Caller = {
  userId: 'admin',
  userName: 'admin',
  projectId: null,
  domainId: null,
  system: true,
  roles: new Set(['admin', 'manager', 'member', 'reader']),
  auditId: null,
};

export interface RackOptions {
  machines?: number;
  wish?: Partial<MachineWish>;
  agent?: Partial<SimulatedAgentOptions>;
  conductor?: Partial<ConductorConfig>;
  images?: ImageService;
  boot?: BootService;
  /** Makes one on the store; ramdisks call the address. */
  bootOn?: (store: Store, callbackUrl: string) => BootService;
  /** What machines boot into, in place of agents. */
  guests?: GuestPlug;
  life?: Partial<LifeOptions>;
  latencies?: { postMs: number; attemptMs: number; softOffMs: number };
}

export interface Shown {
  uuid: string;
  provision_state: string;
  power_state: string | null;
  last_error: string | null;
  maintenance: boolean;
  driver_internal_info: Record<string, unknown>;
  instance_info: Record<string, unknown>;
  raid_config: Record<string, unknown>;
  [more: string]: unknown;
}

/** Simulated machines whose ramdisks call a conductor in this process over HTTP. */
export interface Rack {
  life: Life;
  lab: Lab;
  agents: AgentControl;
  images: ImageService;
  url: string;
  /** Enrols the lab's machine `i` as a node with ports and drives it to `manageable`. */
  enrol(i: number, more?: Record<string, unknown>): Promise<string>;
  /** Puts the lab's machine of this name into the table as an available node, without asking its BMC anything. */
  insert(name: string, columns?: Record<string, unknown>): Promise<string>;
  machine(i: number): SimulatedMachine;
  ask<T = Shown>(method: string, path: string, body?: unknown): Promise<T>;
  node(uuid: string): Promise<Shown>;
  close(): Promise<void>;
}

/** Puts a machine behind a BMC of the lab into the table as an available node. Gives its UUID. */
export async function insertRedfish(
  life: Life,
  address: string,
  macs: readonly string[],
  columns: Record<string, unknown> = {},
): Promise<string> {
  const uuid = newUuid();
  await insertNode(life.store, uuid, {
    driver: 'redfish',
    bios_interface: 'redfish',
    boot_interface: 'external-pxe',
    console_interface: 'no-console',
    deploy_interface: 'direct',
    firmware_interface: 'redfish',
    inspect_interface: 'agent',
    management_interface: 'redfish',
    power_interface: 'redfish',
    raid_interface: 'agent',
    rescue_interface: 'agent',
    vendor_interface: 'redfish',
    provision_state: 'available',
    power_state: 'power off',
    driver_info: {
      redfish_address: address,
      redfish_username: USER,
      redfish_password: '******',
      redfish_verify_ca: false,
    },
    driver_info_sealed: testSealer().seal({ redfish_password: PASSWORD }, secretAad(uuid, 'driver_info')),
    ...columns,
  });
  for (const mac of macs) {
    await life.store.query({
      text: 'insert into ports (uuid, node_uuid, address) values ($1, $2, $3)',
      values: [newUuid(), uuid, mac],
    });
  }
  return uuid;
}

export async function openRack(options: RackOptions = {}): Promise<Rack> {
  const images = options.images ?? standInImages();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const life = await openLife({
    ...options.life,
    images,
    ...(options.boot === undefined ? {} : { boot: options.boot }),
    ...(options.bootOn === undefined ? {} : { bootOn: (store: Store) => options.bootOn?.(store, url) as BootService }),
    conductor: {
      enabledHardwareTypes: ['fake-hardware', 'redfish', 'ipmi'],
      powerSync: { ...DEFAULT_CONDUCTOR_CONFIG.powerSync, everyMs: 0 },
      ...options.conductor,
      agent: { ...DEFAULT_CONDUCTOR_CONFIG.agent, networks: ['127.0.0.0/8'], ...options.conductor?.agent },
    },
  });
  const policy = createPolicy([baremetalRules], { config: { service_project_name: 'service' } });
  const server = await createServer({
    doors: life.room.doors,
    authoriser: {
      authenticate: () => ADMIN,
      allows: (rule, caller, target) => policy.allows(rule, caller, target),
    },
    log: silentLog,
    metrics: createMetrics(),
  });
  await server.listen({ host: '127.0.0.1', port });
  const guests = agentGuests({ apiUrl: () => url, ...options.agent });
  const lab = await startLab({
    kind: 'simulated',
    machines: Array.from({ length: options.machines ?? 1 }, (_, i) => ({ name: `m${i}`, ...options.wish })),
    credentials: { name: USER, password: PASSWORD },
    control: null,
    guests: options.guests ?? guests,
    ...(options.latencies === undefined ? {} : { latencies: options.latencies }),
  });
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.115' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  };
  return {
    life,
    lab,
    agents: guests.control,
    images,
    url,
    insert(name, columns = {}) {
      const one = lab.machine(name);
      const macs = one.machine.spec.nics.map((nic) => nic.mac);
      return insertRedfish(life, one.redfish.url, macs, columns);
    },
    machine: (i) => lab.machine(`m${i}`).machine as SimulatedMachine,
    async enrol(i, more = {}) {
      const one = lab.machine(`m${i}`);
      const { uuid } = await ask<Shown>('POST', '/v1/nodes', {
        driver: 'redfish',
        boot_interface: 'external-pxe',
        driver_info: {
          redfish_address: one.redfish.url,
          redfish_username: USER,
          redfish_password: PASSWORD,
          redfish_verify_ca: false,
        },
        ...more,
      });
      for (const nic of one.machine.spec.nics) await ask('POST', '/v1/ports', { node_uuid: uuid, address: nic.mac });
      await life.verb(uuid, 'manage');
      await life.until(uuid, 'manageable', 40_000);
      return uuid;
    },
    ask,
    node: (uuid) => ask('GET', `/v1/nodes/${uuid}`),
    async close() {
      await lab.close();
      await server.close(1000);
      await life.close();
    },
  };
}

async function freePort(): Promise<number> {
  const one = plainServer();
  await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  const { port } = one.address() as AddressInfo;
  await new Promise((resolve) => one.close(resolve));
  return port;
}
