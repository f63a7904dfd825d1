import { baremetalRules } from '#baremetal/api/policy';
import { createBaremetalDoor } from '#baremetal/api/door';
import { DEFAULT_API_CONFIG, type BaremetalApiConfig } from '#baremetal/model/config';
import type { BaremetalDeps } from '#baremetal/model/deps';
import type { DriverCatalogue, DriverOffer } from '#baremetal/model/driver-catalogue';
import { INTERFACE_KINDS, type InterfaceKind } from '#baremetal/model/interfaces';
import type { BaremetalVerbs } from '#baremetal/model/verbs';
import type { Caller } from '#http/contract';
import type { Injected, InjectRequest } from '#http/inject';
import { type ApiServer, createServer } from '#http/server';
import { createPolicy, type PolicyEngine } from '#identity/policy/engine';
import { systemClock } from '#kernel/clock';
import { silentLog } from '#platform/log';
import { createMetrics } from '#platform/metrics';
import { newKey } from '#store/keyring';
import { makeSealer } from '#store/seal';
import { openTestStore, type TestStore } from '#store/testing';

/** The API on a real database, with a stand-in for what conductors offer and do. */
export interface ApiHarness {
  server: ApiServer;
  deps: BaremetalDeps;
  policy: PolicyEngine;
  test: TestStore;
  /** What the stand-in was asked to do. */
  calls: { name: string; args: unknown[] }[];
  /** What the stand-in's driver gives back, by interface and method; an error is thrown. */
  results: Record<string, unknown>;
  /** Sends a request as a caller at a version (115 unless told). */
  ask(request: AskOptions): Promise<Injected>;
  get(url: string, options?: Partial<AskOptions>): Promise<Injected>;
  post(url: string, body: unknown, options?: Partial<AskOptions>): Promise<Injected>;
  patch(url: string, body: unknown, options?: Partial<AskOptions>): Promise<Injected>;
  put(url: string, body: unknown, options?: Partial<AskOptions>): Promise<Injected>;
  del(url: string, options?: Partial<AskOptions>): Promise<Injected>;
  close(): Promise<void>;
}

export interface AskOptions {
  method: InjectRequest['method'];
  url: string;
  body?: unknown;
  /** Minor version; null sends no header. */
  version?: number | null;
  as?: Persona;
  headers?: Record<string, string>;
}

/** Who asks: the system's admin, or somebody of a project. */
export type Persona =
  | 'admin'
  | 'system-member'
  | 'system-reader'
  | `${string}:${'admin' | 'manager' | 'member' | 'reader'}`;

const IMPLIED: Record<string, string[]> = {
  admin: ['admin', 'manager', 'member', 'reader'],
  manager: ['manager', 'member', 'reader'],
  member: ['member', 'reader'],
  reader: ['reader'],
};

function callerOf(persona: string): Caller {
  const system = persona === 'admin' || persona.startsWith('system-');
  const [project = '', role = 'admin'] = system ? ['', persona.replace('system-', '')] : persona.split(':');
  return {
    userId: `user-${persona}`,
    userName: persona,
    projectId: system ? null : project,
    domainId: null,
    system,
    roles: new Set(IMPLIED[role] ?? []),
    auditId: null,
  };
}

/** Two hardware types: `fake-hardware` takes any interface, `redfish` only its own. */
export function standInCatalogue(): DriverCatalogue & { drop(driver: string): void } {
  const all = (names: readonly string[]) =>
    Object.fromEntries(INTERFACE_KINDS.map((kind) => [kind, names])) as Record<InterfaceKind, readonly string[]>;
  const first = (names: string) =>
    Object.fromEntries(INTERFACE_KINDS.map((kind) => [kind, names])) as Record<InterfaceKind, string>;
  const offer = (name: string, names: readonly string[], any: boolean, fallback: string): DriverOffer => ({
    name,
    enabled: all(names),
    defaults: first(fallback),
    hosts: [
      { host: 'conductor-1', group: '' },
      { host: 'conductor-2', group: '' },
      { host: 'conductor-3', group: 'west' },
    ],
    properties: { [`${name}_address`]: 'Where the machine is. Required.' },
    raidProperties: name === 'redfish' ? null : { size_gb: 'Size in GiB (Integer). Required.' },
    vendorMethods: {
      ping: {
        http_methods: ['GET', 'POST'],
        async: false,
        description: 'Says pong',
        attach: false,
        require_exclusive_lock: true,
      },
    },
    anyInterface: any,
  });
  let offers = [
    offer('fake-hardware', ['fake', 'no-thing', 'noop'], true, 'fake'),
    offer('redfish', ['redfish'], false, 'redfish'),
  ];
  return {
    offers: () => offers,
    offer: (driver) => offers.find((one) => one.name === driver),
    implementations: () => new Set(['fake', 'no-thing', 'noop', 'redfish', 'ipmitool']),
    vendorMethods: (implementation): DriverOffer['vendorMethods'] =>
      implementation === 'fake'
        ? {
            bmc_reset: {
              http_methods: ['POST'],
              async: true,
              description: 'Resets it',
              attach: false,
              require_exclusive_lock: true,
            },
          }
        : {},
    storesVifs: (implementation) => implementation !== 'noop',
    movesPorts: () => false,
    conductors: () =>
      ['conductor-1', 'conductor-2', 'conductor-3'].map((host, i) => ({
        host,
        group: i === 2 ? 'west' : '',
        drivers: ['fake-hardware', 'redfish'],
        alive: i !== 1,
        createdAt: 1_700_000_000_000,
        updatedAt: 1_700_000_100_000 + i,
      })),
    refresh: async () => {},
    drop: (driver) => {
      offers = offers.filter((one) => one.name !== driver);
    },
  };
}

export async function openApi(config: Partial<BaremetalApiConfig> = {}): Promise<ApiHarness> {
  const test = await openTestStore();
  const calls: ApiHarness['calls'] = [];
  const results: ApiHarness['results'] = {};
  const verbs: BaremetalVerbs = {
    setProvisionState: async (_deps, ...args) => void calls.push({ name: 'setProvisionState', args }),
    setPowerState: async (_deps, ...args) => void calls.push({ name: 'setPowerState', args }),
    driverCall: async (_deps, ...args) => {
      calls.push({ name: 'driverCall', args });
      const result = results[`${args[2].interface}.${args[2].method}`] ?? null;
      if (result instanceof Error) throw result;
      return result as never;
    },
    reapplyInspection: async (_deps, ...args) => void calls.push({ name: 'reapplyInspection', args }),
    planDeploy: async (_deps, ...args) => {
      calls.push({ name: 'planDeploy', args });
      return { node: args[1], ready: true, checks: [], steps: [], estimate: null };
    },
    driverVendorCall: async (_deps, ...args) => {
      calls.push({ name: 'driverVendorCall', args });
      return 'pong';
    },
  };
  const deps = {
    store: test.store,
    work: undefined as never,
    clock: systemClock,
    log: silentLog,
    sealer: makeSealer([newKey(systemClock.now())], 'memory'),
    catalogue: standInCatalogue(),
    config: { api: { ...DEFAULT_API_CONFIG, ...config } },
    verbs,
  } as unknown as BaremetalDeps;
  const policy = createPolicy([baremetalRules], { config: { service_project_name: 'service' } });
  const server = await createServer({
    doors: [createBaremetalDoor(deps)],
    authoriser: {
      authenticate: (headers) => callerOf(String(headers['x-test-persona'] ?? 'admin')),
      allows: (rule, caller, target) => policy.allows(rule, caller, target),
    },
    log: silentLog,
    metrics: createMetrics(),
  });
  const ask = (options: AskOptions) => {
    const { version = 115, as = 'admin', headers, ...request } = options;
    return server.inject({
      ...request,
      headers: {
        'x-test-persona': as,
        ...(version === null ? {} : { 'X-OpenStack-Ironic-API-Version': `1.${version}` }),
        ...headers,
      },
    });
  };
  return {
    server,
    deps,
    policy,
    test,
    calls,
    results,
    ask,
    get: (url, options) => ask({ method: 'GET', url, ...options }),
    post: (url, body, options) => ask({ method: 'POST', url, body, ...options }),
    patch: (url, body, options) => ask({ method: 'PATCH', url, body, ...options }),
    put: (url, body, options) => ask({ method: 'PUT', url, body, ...options }),
    del: (url, options) => ask({ method: 'DELETE', url, ...options }),
    close: async () => {
      await server.close(1000);
      await test.close();
    },
  };
}

/** The sentence of an error, whatever its form. */
export function faultOf(reply: Injected): string {
  const inner = JSON.parse(reply.json<{ error_message: string }>().error_message) as Record<string, string>;
  return inner['faultstring'] ?? inner['description'] ?? '';
}
