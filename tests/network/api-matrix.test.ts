import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '#http/contract';
import { createPolicy } from '#identity/policy/engine';
import { newUuid } from '#kernel/ids';
import { resources } from '#network/api/resources/index';
import { networkTable } from '#network/api/routes';
import { networkRules } from '#network/api/rules';
import { type Json, type NetworkCloud, openNetworkCloud } from './cloud.ts';
import { put, putNetwork, putPort, putSubnet } from './truth.ts';

// Who may do what, for every route and every rule. Both lists have to be whole: a route or a rule that is new and stands
// in neither makes this fail.
//
// A letter per persona: A the cloud's admin, R the system's reader, m member and r reader of the project it belongs to,
// o member of another project.

const READ = 'ARmr';
const CHANGE = 'Am';
const MAKE = 'Amo';
const ALL = 'ARmro';
const ADMINS = 'A';
const LOOK = 'AR';

interface Rights {
  read?: string;
  create?: string;
  change?: string | null;
  actions?: Record<string, string>;
}
const RIGHTS: Record<string, Rights> = {
  network: { create: MAKE },
  // In somebody else's network nothing is made, nor in one's group; what is refused there is not seen, either.
  subnet: { create: CHANGE },
  port: { create: CHANGE },
  security_group: { create: MAKE },
  security_group_rule: { create: CHANGE },
  address_group: { create: MAKE, actions: { add_addresses: CHANGE, remove_addresses: CHANGE } },
  subnetpool: { create: MAKE },
  address_scope: { create: MAKE },
  rbac_policy: { create: CHANGE },
  router: {
    create: MAKE,
    actions: {
      add_router_interface: CHANGE,
      remove_router_interface: CHANGE,
      add_extraroutes: CHANGE,
      remove_extraroutes: CHANGE,
    },
  },
  floatingip: { create: MAKE },
  port_forwarding: { create: CHANGE },
  trunk: { create: CHANGE, actions: { add_subports: CHANGE, remove_subports: CHANGE, get_subports: READ } },
  policy: { create: ADMINS, change: ADMINS },
  bandwidth_limit_rule: { create: ADMINS, change: ADMINS },
  dscp_marking_rule: { create: ADMINS, change: ADMINS },
  minimum_bandwidth_rule: { create: ADMINS, change: ADMINS },
  packet_rate_limit_rule: { create: ADMINS, change: ADMINS },
  minimum_packet_rate_rule: { create: ADMINS, change: ADMINS },
  segment: { read: LOOK, create: ADMINS, change: ADMINS },
  agent: { read: LOOK, change: ADMINS },
  network_ip_availability: { read: LOOK },
};
/** Routes of no resource. */
const OTHERS: Record<string, string> = {
  'quota.list': ALL,
  'quota.get': READ,
  'quota.default': READ,
  'quota.details': READ,
  'quota.details_json': READ,
  'quota.update': ADMINS,
  'quota.delete': ADMINS,
  'extension.list': ALL,
  'extension.get': ALL,
  'availability_zone.list': ALL,
  'rule_type.list': ALL,
  'rule_type.get': ALL,
  'port.enforcement': READ,
  'machine_link.list': LOOK,
};
const PUBLIC = new Set(['versions', 'version']);

const resourceOf = ({ id }: Route) => resources.find(({ name }) => id.startsWith(`${name}.`));

function rightsOf(route: Route): string | undefined {
  if (OTHERS[route.id] !== undefined) return OTHERS[route.id];
  const resource = resourceOf(route);
  const rights = resource === undefined ? undefined : RIGHTS[resource.name];
  if (resource === undefined || rights === undefined) return undefined;
  const verb = route.id.slice(resource.name.length + 1);
  if (verb === 'list') return resource.parent === undefined ? ALL : READ;
  if (verb === 'get' || verb === 'tags' || verb === 'tag') return rights.read ?? READ;
  if (verb === 'create') return rights.create;
  if (rights.actions?.[verb] !== undefined) return rights.actions[verb];
  return ['update', 'delete', 'tags_replace', 'tags_clear', 'tag_add', 'tag_remove'].includes(verb)
    ? (rights.change ?? CHANGE)
    : undefined;
}

const PERSONAS: Record<string, string> = { A: 'system', R: 'watcher', m: 'own', r: 'own-reader', o: 'other' };
let cloud: NetworkCloud;
let serial = 0;

beforeAll(async () => {
  cloud = await openNetworkCloud({ quotas: new Map(resources.map(({ quota }) => [quota?.name ?? '', -1])) });
  await cloud.project('own', ['member', 'reader']);
  await cloud.project('other');
  const v3 = '/identity/v3';
  const user = { name: 'watcher', password: 'correct horse battery', domain_id: 'default' };
  const made = (await cloud.want(201, 'admin', 'POST', `${v3}/users`, { user })).user;
  const [role] = (await cloud.want(200, 'admin', 'GET', `${v3}/roles?name=reader`)).roles;
  await cloud.want(204, 'system', 'PUT', `${v3}/system/users/${made.id}/roles/${role.id}`);
  cloud.tokens['watcher'] = await cloud.login('watcher', { system: { all: true } });
}, 120_000);
afterAll(() => cloud.close());

/** One of a kind, of the project `own`: the parameters of its path. */
const MAKERS: Record<string, () => Promise<Record<string, string>>> = {
  network: async () => ({ id: await network() }),
  subnet: async () => ({ id: await subnet(await network()) }),
  port: async () => ({ id: await port(await network()) }),
  security_group: async () => ({ id: await row('net_security_groups', { name: 'g' }) }),
  security_group_rule: async () => {
    const group = await row('net_security_groups', { name: 'g' });
    return {
      id: await row('net_security_group_rules', { group_id: group, direction: 'ingress', ethertype: 'IPv4' }, []),
    };
  },
  address_group: async () => ({ id: await row('net_address_groups', {}, []) }),
  subnetpool: async () => ({
    id: await row('net_subnet_pools', {
      ip_version: 4,
      prefixes: ['10.0.0.0/8'],
      default_prefixlen: 24,
      min_prefixlen: 8,
      max_prefixlen: 32,
    }),
  }),
  address_scope: async () => ({ id: await row('net_address_scopes', { ip_version: 4 }, []) }),
  rbac_policy: async () => {
    const shared = {
      object_type: 'network',
      object_id: await network(),
      target_project: 'p',
      action: 'access_as_shared',
    };
    return { id: await row('net_rbac_policies', shared, []) };
  },
  router: async () => ({ id: await row('net_routers') }),
  floatingip: async () => ({ id: await floating() }),
  port_forwarding: async () => {
    const inside = await port(await network());
    const floatingip_id = await floating();
    const one = {
      floatingip_id,
      internal_port_id: inside,
      internal_ip: '10.0.0.9',
      internal_port: 1,
      external_port: 2,
      protocol: 'tcp',
    };
    return { floatingip_id, id: await row('net_port_forwardings', one, []) };
  },
  trunk: async () => ({ id: await row('net_trunks', { port_id: await port(await network()) }) }),
  policy: async () => ({ id: await row('net_qos_policies') }),
  ...Object.fromEntries(
    Object.entries({
      bandwidth_limit: { max_kbps: 1000, direction: 'egress' },
      dscp_marking: { dscp_mark: 26 },
      minimum_bandwidth: { min_kbps: 1000, direction: 'egress' },
      packet_rate_limit: { max_kpps: 1000, direction: 'egress' },
      minimum_packet_rate: { min_kpps: 1000, direction: 'egress' },
    }).map(([type, more]) => [
      `${type}_rule`,
      async () => {
        const policy_id = await row('net_qos_policies');
        return { policy_id, id: await put(cloud.store, 'net_qos_rules', { policy_id, type, ...more }) };
      },
    ]),
  ),
  segment: async () => {
    const wish = {
      network_id: await network(),
      network_type: 'geneve',
      segmentation_id: ++serial + 500_000,
      segment_index: 1,
    };
    return { id: await put(cloud.store, 'net_segments', wish) };
  },
  agent: async () => ({
    id: await put(cloud.store, 'net_agents', { agent_type: 'x', program: 'x', host: `h${++serial}` }),
  }),
  network_ip_availability: async () => ({ id: await network() }),
};
const row = (table: string, more: Json = {}, tags: string[] = ['x']) =>
  put(cloud.store, table, { project_id: cloud.projects['own'], ...(tags.length > 0 ? { tags } : {}), ...more });
const tagged = async (table: string, id: string) => {
  await cloud.store.query({
    text: `update ${table} set tags = '{x}', project_id = $2 where id = $1`,
    values: [id, cloud.projects['own']],
  });
  return id;
};
const network = async (external = false) => {
  const segment = { type: 'geneve', id: ++serial + 100_000 };
  return tagged(
    'net_networks',
    await putNetwork(cloud.store, { project: cloud.projects['own'] ?? '', segment, external }),
  );
};
const subnet = async (of: string) => tagged('net_subnets', await putSubnet(cloud.store, of, '10.0.0.0/24'));
const port = async (of: string) => {
  const mac = `fa:16:3e:00:${(++serial >> 8).toString(16).padStart(2, '0')}:${(serial & 255).toString(16).padStart(2, '0')}`;
  return tagged('net_ports', await putPort(cloud.store, of, { mac }));
};
let outside: string | undefined;
const outsideNetwork = async () => {
  if (outside !== undefined) return outside;
  const made = await cloud.want(201, 'admin', 'POST', '/networks', { network: { 'router:external': true } });
  outside = String(made.network.id);
  await putSubnet(cloud.store, outside, '192.0.2.0/24');
  return outside;
};
const floating = async () => {
  const at = await outsideNetwork();
  const fip = {
    floating_network_id: at,
    floating_ip: `198.51.${++serial >> 8}.${serial & 255}`,
    floating_port_id: await port(at),
  };
  return row('net_floating_ips', fip);
};

/** What a new one is asked for with. */
const NEW: Record<string, () => Promise<Json>> = {
  subnet: async () => ({ network_id: await network(), ip_version: 4, cidr: '10.0.0.0/24' }),
  port: async () => ({ network_id: await network() }),
  security_group_rule: async () => ({
    security_group_id: await row('net_security_groups'),
    direction: 'egress',
    protocol: 'tcp',
  }),
  subnetpool: async () => ({ prefixes: ['10.0.0.0/8'] }),
  address_scope: async () => ({ ip_version: 4 }),
  rbac_policy: async () => ({
    object_type: 'network',
    object_id: await network(),
    target_tenant: 'p',
    action: 'access_as_shared',
  }),
  floatingip: async () => ({ floating_network_id: await outsideNetwork() }),
  port_forwarding: async () => ({
    internal_port_id: await port(await network()),
    internal_ip_address: '10.0.0.9',
    internal_port: 1,
    external_port: 2,
    protocol: 'tcp',
  }),
  trunk: async () => ({ port_id: await port(await network()) }),
  policy: async () => ({ name: 'p' }),
  bandwidth_limit_rule: async () => ({ max_kbps: 1 }),
  dscp_marking_rule: async () => ({ dscp_mark: 26 }),
  minimum_bandwidth_rule: async () => ({ min_kbps: 1 }),
  packet_rate_limit_rule: async () => ({ max_kpps: 1 }),
  minimum_packet_rate_rule: async () => ({ min_kpps: 1, direction: 'egress' }),
  segment: async () => ({ network_id: await network(), network_type: 'geneve' }),
};
const BODIES: Record<string, Json> = {
  'address_group.add_addresses': { address_group: { addresses: ['10.0.0.0/8'] } },
  'address_group.remove_addresses': { address_group: { addresses: ['10.0.0.0/8'] } },
  'router.add_extraroutes': { router: { routes: [] } },
  'router.remove_extraroutes': { router: { routes: [] } },
  'router.add_router_interface': { subnet_id: newUuid() },
  'router.remove_router_interface': { subnet_id: newUuid() },
  'trunk.add_subports': { sub_ports: [] },
  'trunk.remove_subports': { sub_ports: [] },
  'quota.update': { quota: {} },
};

async function bodyOf(route: Route): Promise<Json> {
  if (route.body === undefined) return undefined;
  if (BODIES[route.id] !== undefined) return BODIES[route.id];
  const resource = resourceOf(route);
  if (resource === undefined) throw new Error(`no body for ${route.id}`);
  if (route.id.endsWith('.tags_replace')) return { tags: ['y'] };
  return { [resource.name]: route.id.endsWith('.create') ? ((await NEW[resource.name]?.()) ?? {}) : {} };
}

/** May this persona? What is not there for it, or refused, is a no; what is wrong with the request is a yes. */
async function may(letter: string, route: Route, params: Record<string, string>): Promise<boolean> {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => params[name] ?? 'bandwidth_limit');
  const reply = await cloud.send(PERSONAS[letter] ?? '', route.method, `/network${path}`, await bodyOf(route));
  expect(reply.status, `${letter} ${route.id}: ${reply.text}`).toBeLessThan(500);
  if (reply.status === 401 || reply.status === 403) return false;
  const resource = resourceOf(route);
  const hidden = new Set(
    resources
      .filter(({ name }) =>
        [resource?.name, resource?.parent?.resource.name, 'network', 'port', 'security_group'].includes(name),
      )
      .map((one) => one.notFound),
  );
  hidden.add('RbacPolicyNotFound');
  return !(reply.status === 404 && hidden.has(reply.json.NeutronError.type));
}

const guarded = networkTable.routes.filter(({ id }) => !PUBLIC.has(id));

describe('who may do what in the Network API', () => {
  it('says so of every route', () => {
    expect(guarded.filter((route) => rightsOf(route) === undefined).map(({ id }) => id)).toEqual([]);
    expect(Object.keys(RIGHTS).sort()).toEqual(resources.map(({ name }) => name).sort());
  });

  it.each(guarded.map((route) => [route.id, route] as const))('%s', async (_, route) => {
    const resource = resourceOf(route);
    const rights = rightsOf(route) ?? '';
    const parameters = async (): Promise<Record<string, string>> => ({
      ...(resource === undefined ? {} : await MAKERS[resource.name]?.()),
      project_id: cloud.projects['own'] ?? '',
      alias: 'quotas',
      tag: 'x',
    });
    let shared = await parameters();
    const allowed: string[] = [];
    // Those who may not come first: what they ask for must still be there after them.
    const order = [...ALL].sort((a, b) => Number(rights.includes(a)) - Number(rights.includes(b)));
    for (const letter of order) {
      if (rights.includes(letter) && route.method !== 'GET') shared = await parameters();
      if (await may(letter, route, shared)) allowed.push(letter);
    }
    expect([...ALL].filter((letter) => allowed.includes(letter)).join('')).toBe(rights);
    const path = route.path.replace(/:(\w+)/g, () => newUuid());
    if (route.method === 'GET') expect((await cloud.send('nobody', 'GET', `/network${path}`)).status).toBe(401);
  });

  it('shows nobody what is of others in a list', async () => {
    for (const resource of resources) {
      const made = (await MAKERS[resource.name]?.()) ?? {};
      if (resource.parent !== undefined || resource.name === 'floatingip') continue;
      const path = `/${resource.path ?? resource.collection}`;
      const see = async (who: string) =>
        (await cloud.want(200, who, 'GET', path))[resource.collection].map((one: Json) => one.id ?? one.network_id);
      expect(await see('other'), resource.name).not.toContain(made['id']);
      expect(await see('system'), resource.name).toContain(made['id']);
    }
  });
});

describe('the rules of networks', () => {
  const policy = createPolicy([networkRules]);
  const CHAIN = ['admin', 'manager', 'member', 'reader'];
  const persona = (role: string, more: Json) => ({
    userId: 'u',
    userName: 'u',
    projectId: null,
    domainId: null,
    system: false,
    auditId: null,
    roles: new Set(role === 'service' ? ['service'] : CHAIN.slice(CHAIN.indexOf(role))),
    ...more,
  });
  // As above, and: S a service, a admin and g manager of the project, d admin of another, n member of the network's.
  const personas: Record<string, Json> = {
    A: persona('admin', { system: true }),
    R: persona('reader', { system: true }),
    S: persona('service', { projectId: 'services', serviceProject: true }),
    a: persona('admin', { projectId: 'own' }),
    g: persona('manager', { projectId: 'own' }),
    m: persona('member', { projectId: 'own' }),
    r: persona('reader', { projectId: 'own' }),
    d: persona('admin', { projectId: 'other' }),
    n: persona('member', { projectId: 'net' }),
  };
  const KINDS = new Set([
    'AS',
    'ARS',
    'ARSagmr',
    'ASagm',
    'ASn',
    'ASagmn',
    'ARSagmrn',
    'ARSagmrdn',
    'ARSagmrd',
    'Aagmrd',
  ]);

  it('give admins of projects nothing beyond their project, and readers nothing to change', () => {
    const target = { project_id: 'own', tenant_id: 'own', network_project: 'net', parent_project: 'own' };
    for (const { name } of networkRules.rules) {
      const letters = Object.keys(personas)
        .filter((letter) => policy.allows(name, personas[letter], target))
        .join('');
      if (['network_admin', 'network_reader', 'get_extensions'].includes(name)) continue;
      expect([...KINDS, ''], `${name}: ${letters}`).toContain(letters);
      if (/^(create|update|delete|add|remove)_/.test(name)) {
        expect(letters, name).not.toMatch(/[rRd]/);
      } else if (!/zone|rule_type/.test(name)) expect(letters, name).not.toMatch(/d/);
    }
  });

  it('are asked for by routes, and all of them are there', () => {
    expect(() => policy.assertKnown(networkTable.routes.flatMap(({ policy: rule }) => rule ?? []))).not.toThrow();
  });
});
