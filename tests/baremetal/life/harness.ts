import { type Baremetal, createBaremetal, createDrivers } from '#baremetal/index';
import { DEFAULT_API_CONFIG } from '#baremetal/model/config';
import { type ConductorConfig, DEFAULT_CONDUCTOR_CONFIG } from '#baremetal/model/conductor-config';
import type { Actor, ProvisionRequest } from '#baremetal/model/verbs';
import type { ProvisionState } from '#baremetal/states/names';
import type { BootService } from '#contracts/boot';
import type { MachineNetworks } from '#contracts/network';
import type { ImageService } from '#contracts/image';
import { systemClock } from '#kernel/clock';
import { newUuid } from '#kernel/ids';
import { Secret } from '#kernel/secret';
import { createLog, type Log, silentLog } from '#platform/log';
import type { Store } from '#store/contract';
import type { KeyedSealer } from '#store/seal';
import { makeSealer } from '#store/seal';
import type { TestStore } from '#store/testing';
import type { WorkRuntime } from '#work/contract';
import { createWork } from '#work/runtime';
import { openWorkStore } from '#work/testing/store';

export const ACTOR: Actor = { requestId: 'req-test', userId: 'user-1', projectId: 'project-1' };

/** Seals with a key that all processes of a test share. */
export function testSealer(): KeyedSealer {
  return makeSealer([{ id: 'test', secret: new Secret(Buffer.alloc(32, 7)), created: '' }], 'memory');
}

export interface LifeOptions {
  conductor?: Partial<ConductorConfig>;
  /** 'api': no conductor in this process. */
  role?: 'conductor' | 'api';
  host?: string;
  limits?: Record<string, number>;
  log?: Log;
  images?: ImageService;
  boot?: BootService;
  networks?: MachineNetworks;
  /** Makes one on the store. */
  bootOn?: (store: Store) => BootService;
}

export interface Life {
  test: TestStore;
  store: Store;
  work: WorkRuntime;
  room: Baremetal;
  /** Enrols nodes on fake hardware straight into the table; gives their UUIDs. */
  enrol(count?: number, columns?: Record<string, unknown>): Promise<string[]>;
  verb(uuid: string, target: string, more?: Partial<ProvisionRequest>): Promise<void>;
  power(uuid: string, target: string, timeoutS?: number): Promise<void>;
  row(uuid: string): Promise<NodeView>;
  /** Waits until the node is in the state and nobody works on it. Throws with what it is in after `ms`. */
  until(uuid: string, state: ProvisionState, ms?: number): Promise<NodeView>;
  history(uuid: string): Promise<HistoryView[]>;
  ledger(uuid: string): Promise<LedgerView[]>;
  /** enroll → the state, by the verbs people use. */
  bring(uuid: string, to: 'manageable' | 'available' | 'active' | 'rescue'): Promise<void>;
  close(): Promise<void>;
}

export interface NodeView {
  uuid: string;
  provision_state: ProvisionState;
  target_provision_state: string | null;
  power_state: string | null;
  target_power_state: string | null;
  last_error: string | null;
  maintenance: boolean;
  maintenance_reason: string | null;
  fault: string | null;
  operation_id: string | null;
  reservation: string | null;
  intent_id: bigint | null;
  owner_incarnation: string | null;
  clean_step: string;
  deploy_step: string;
  service_step: string;
  driver_internal_info: string;
  instance_info: string;
  instance_info_sealed: string | null;
  progress: string | null;
  fence: bigint;
}

export interface HistoryView {
  event: string;
  event_type: string;
  severity: string;
  state: string | null;
  conductor: string | null;
  user_id: string | null;
  duration_seconds: number | null;
}

export interface LedgerView {
  action: string;
  incarnation: string;
  fence: bigint;
  at: string;
}

/** A room with its conductor in this process, on a fresh database. */
export async function openLife(options: LifeOptions = {}): Promise<Life> {
  const test = await openWorkStore();
  return await lifeOn(test, options);
}

export async function lifeOn(test: TestStore, options: LifeOptions = {}): Promise<Life> {
  const { store } = test;
  const log = options.log ?? (process.env['LIFE_LOG'] ? createLog({ level: 'info' }) : silentLog);
  const config: ConductorConfig = {
    ...DEFAULT_CONDUCTOR_CONFIG,
    ...options.conductor,
    fake: { ...DEFAULT_CONDUCTOR_CONFIG.fake, ledger: true, ...options.conductor?.fake },
  };
  const boot = options.boot ?? options.bootOn?.(store);
  const drivers = createDrivers({
    store,
    clock: systemClock,
    sealer: testSealer(),
    log,
    config,
    ...(options.images === undefined ? {} : { images: options.images }),
    ...(options.networks === undefined ? {} : { networks: options.networks }),
    ...(boot === undefined ? {} : { boot }),
  });
  const work = createWork({
    store,
    role: options.role ?? 'conductor',
    host: options.host ?? 'test-conductor',
    drivers: drivers.drivers,
    info: drivers.info,
    log,
    limits: options.limits ?? {},
  });
  const room = createBaremetal({
    store,
    work,
    clock: systemClock,
    log,
    sealer: testSealer(),
    config: { api: DEFAULT_API_CONFIG, conductor: config },
    drivers,
    ...(boot === undefined ? {} : { boot }),
  });
  await work.start();
  await room.start({ conductor: options.role !== 'api' });
  const { deps } = room;
  const row = async (uuid: string) =>
    (await store.query<NodeView>({ text: 'select * from nodes where uuid = $1', values: [uuid] }))[0] as NodeView;
  const life: Life = {
    test,
    store,
    work,
    room,
    async enrol(count = 1, columns = {}) {
      const uuids = Array.from({ length: count }, () => newUuid());
      for (const uuid of uuids) await insertNode(store, uuid, columns);
      return uuids;
    },
    verb: (uuid, target, more = {}) => deps.verbs.setProvisionState(deps, ACTOR, uuid, { target, ...more }),
    power: (uuid, target, timeoutS) =>
      deps.verbs.setPowerState(deps, ACTOR, uuid, timeoutS === undefined ? { target } : { target, timeoutS }),
    row,
    async until(uuid, state, ms = 10_000) {
      const deadline = systemClock.monotonic() + ms;
      for (;;) {
        const now = await row(uuid);
        const resting = now.provision_state.includes('wait') || now.provision_state.includes('hold');
        if (now.provision_state === state && (resting || (now.operation_id === null && now.intent_id === null)))
          return now;
        if (systemClock.monotonic() > deadline) {
          const seen = await life.history(uuid);
          throw new Error(
            `${uuid} is not "${state}" after ${ms} ms: ${JSON.stringify({ ...now, fence: String(now.fence) }, (_, v) => (typeof v === 'bigint' ? String(v) : v), 1)} ${seen.map((h) => h.event).join(' | ')}`,
          );
        }
        await systemClock.sleep(5);
      }
    },
    history: (uuid) =>
      store.query<HistoryView>({ text: 'select * from node_history where node_uuid = $1 order by id', values: [uuid] }),
    ledger: (uuid) =>
      store.query<LedgerView>({ text: 'select * from fake_ledger where node_uuid = $1 order by id', values: [uuid] }),
    async bring(uuid, to) {
      await life.verb(uuid, 'manage');
      await life.until(uuid, 'manageable');
      if (to === 'manageable') return;
      await life.verb(uuid, 'provide');
      await life.until(uuid, 'available');
      if (to === 'available') return;
      await life.verb(uuid, 'active');
      await life.until(uuid, 'active');
      if (to === 'active') return;
      await life.verb(uuid, 'rescue', { rescuePassword: 'sesame' });
      await life.until(uuid, 'rescue');
    },
    async close() {
      await room.stop(1_000);
      await work.stop({ drainMs: 500 });
      await test.close();
    },
  };
  return life;
}

/** Puts a node on fake hardware straight into the table. */
export async function insertNode(store: Store, uuid: string, columns: Record<string, unknown> = {}): Promise<void> {
  const all: Record<string, unknown> = {
    uuid,
    driver: 'fake-hardware',
    bios_interface: 'fake',
    boot_interface: 'fake',
    console_interface: 'fake',
    deploy_interface: 'fake',
    firmware_interface: 'fake',
    inspect_interface: 'fake',
    management_interface: 'fake',
    network_interface: 'noop',
    power_interface: 'fake',
    raid_interface: 'fake',
    rescue_interface: 'fake',
    storage_interface: 'noop',
    vendor_interface: 'fake',
    provision_state: 'enroll',
    ...columns,
  };
  const names = Object.keys(all);
  await store.query({
    text: `insert into nodes (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
    values: Object.values(all).map((value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? JSON.stringify(value) : value,
    ),
  });
}
