import { describe, expect, it } from 'vitest';
import { createPolicy } from '#identity/policy/engine';
import { baremetalRules } from '#baremetal/api/policy';

// The matrix, in our own words: for each rule, which personas may. A letter per persona:
//   system   A admin, M member, R reader, S service
//   owner    a admin, g manager, m member, r reader, s service
//   lessee   b admin, h manager, n member, e reader
//   others   o admin of another project, t a service of the trusted services' project
const LETTERS = 'AMRSagmrsbhneot';

const READ_BOTH = 'AMRSagmrsbhnet';
const READ_OWNER = 'AMRSagmrst';
const READ_SYSTEM = 'AMRSt';
const USE_BOTH = 'AMSagmbhnt';
const USE_OWNER = 'AMSagmst';
const RUN = 'AMSagmsbht';
const RULE_OWNER = 'AMSagst';
const HOLD_OWNER = 'ASags';
const WITH_LESSEE_MEMBER = 'AMSagmsbhnt';

const MATRIX: Record<string, string> = {
  'node:create': 'AS',
  'node:create:self_owned_node': 'ASasbot',
  'node:list': 'AMRSagmrsbhneot',
  'node:list_all': READ_SYSTEM,
  'node:get': READ_BOTH,
  'node:get:filter_threshold': READ_SYSTEM,
  'node:get:last_error': READ_OWNER,
  'node:get:reservation': READ_OWNER,
  'node:get:driver_internal_info': READ_OWNER,
  'node:get:driver_info': READ_OWNER,
  'node:update': USE_BOTH,
  'node:update_extra': USE_BOTH,
  'node:update_instance_info': RUN,
  'node:update_owner_provisioned': 'A',
  'node:update:driver_info': USE_OWNER,
  'node:update:properties': USE_OWNER,
  'node:update:chassis_uuid': 'A',
  'node:update:instance_uuid': USE_OWNER,
  'node:update:lessee': USE_OWNER,
  'node:update:owner': 'AMt',
  'node:update:driver_interfaces': RULE_OWNER,
  'node:update:network_data': USE_OWNER,
  'node:update:conductor_group': 'AMt',
  'node:update:name': USE_OWNER,
  'node:update:retired': USE_OWNER,
  'node:update:shard': 'A',
  'node:update:parent_node': 'AMt',
  'node:update:disable_power_off': 'A',
  'node:disable_cleaning': 'A',
  'node:delete': 'A',
  'node:delete:self_owned_node': 'a',
  'node:validate': RUN,
  'node:set_maintenance': RUN,
  'node:clear_maintenance': RUN,
  'node:get_boot_device': RULE_OWNER,
  'node:set_boot_device': RULE_OWNER,
  'node:get_indicator_state': READ_BOTH,
  'node:set_indicator_state': USE_OWNER,
  'node:get_states': READ_BOTH,
  'node:set_power_state': USE_BOTH,
  'node:set_boot_mode': USE_BOTH,
  'node:set_secure_boot': USE_BOTH,
  'node:set_provision_state': RUN,
  'node:set_provision_state:clean_steps': RUN,
  'node:set_provision_state:service_steps': RUN,
  'node:set_raid_state': USE_OWNER,
  // The departures: Ironic gives the first three to the owner's side only, and has no fourth.
  'node:inject_nmi': 'AMSagsbhnt',
  'node:get_console': WITH_LESSEE_MEMBER,
  'node:set_console_state': WITH_LESSEE_MEMBER,
  'node:get_console_log': WITH_LESSEE_MEMBER,
  'node:vif:list': READ_BOTH,
  'node:vif:attach': RUN,
  'node:vif:detach': RUN,
  'node:traits:list': READ_BOTH,
  'node:traits:set': RULE_OWNER,
  'node:traits:delete': RULE_OWNER,
  'node:bios:get': READ_BOTH,
  'node:firmware:get': READ_BOTH,
  'node:history:get': READ_OWNER,
  'node:inventory:get': READ_OWNER,
  'node:timeline:get': READ_BOTH,
  'node:proof:get': READ_OWNER,
  'node:baseline:delete': RULE_OWNER,
  'node:vmedia:attach': USE_BOTH,
  'node:vmedia:detach': USE_BOTH,
  'node:vmedia:get': READ_BOTH,
  'node:vendor_passthru': 'A',
  'node:ipa_heartbeat': LETTERS,
  'shards:get': READ_SYSTEM,
  'port:get': READ_BOTH,
  'port:list': LETTERS,
  'port:list_all': READ_SYSTEM,
  'port:create': HOLD_OWNER,
  'port:delete': HOLD_OWNER,
  'port:update': RULE_OWNER,
  'portgroup:get': READ_BOTH,
  'portgroup:list': LETTERS,
  'portgroup:list_all': READ_SYSTEM,
  'portgroup:create': HOLD_OWNER,
  'portgroup:delete': HOLD_OWNER,
  'portgroup:update': RULE_OWNER,
  // These want the system's scope, which a project's service does not have, trusted or not.
  'chassis:get': 'AMRS',
  'chassis:create': 'A',
  'chassis:delete': 'A',
  'chassis:update': 'AM',
  'driver:get': 'AMRS',
  'driver:get_properties': 'AMRS',
  'driver:get_raid_logical_disk_properties': 'AMRS',
  'driver:vendor_passthru': 'A',
  'driver:ipa_lookup': LETTERS,
  'driver:ipa_continue_inspection': LETTERS,
  'conductor:get': READ_SYSTEM,
  'discovery:get': 'AMRS',
  'discovery:create': 'A',
  'events:post': 'A',
  'volume:list': LETTERS,
  'volume:list_all': READ_SYSTEM,
  'volume:get': READ_BOTH,
  'volume:create': 'AMSagsbht',
  'volume:delete': 'AMSagsbht',
  'volume:update': RUN,
  'volume:view_target_properties': 'AMRSabot',
  'allocation:get': 'AMRSagmrt',
  'allocation:list': LETTERS,
  'allocation:list_all': READ_SYSTEM,
  'allocation:create': 'AMagmbhnot',
  'allocation:create_restricted': 'AMt',
  'allocation:create_pre_rbac': '',
  'allocation:delete': 'AMagmt',
  'allocation:update': 'AMagmt',
  'deploy_template:get': READ_SYSTEM,
  'deploy_template:create': 'A',
  'deploy_template:delete': 'A',
  'deploy_template:update': 'A',
  'inspection_rule:get': READ_SYSTEM,
  'inspection_rule:list_all': READ_SYSTEM,
  'inspection_rule:create': 'A',
  'inspection_rule:delete': 'A',
  'inspection_rule:update': 'A',
  'runbook:get': 'AMRSagmrst',
  'runbook:list': LETTERS,
  'runbook:list_all': READ_SYSTEM,
  'runbook:create': 'AMSagsbhot',
  'runbook:delete': 'AMSagst',
  'runbook:update': 'AMSagst',
  'runbook:update:public': 'AMt',
  'runbook:update:owner': 'AMt',
  'runbook:use': 'AMSagst',
};

const CHAIN = ['admin', 'manager', 'member', 'reader'];
const from = (role: string) => new Set(role === 'service' ? ['service'] : CHAIN.slice(CHAIN.indexOf(role)));

function persona(letter: string) {
  const base = {
    userId: 'u',
    userName: 'u',
    projectId: null as string | null,
    domainId: null,
    system: false,
    auditId: null,
  };
  const project = (projectId: string, role: string) => ({
    ...base,
    projectId,
    roles: from(role),
    serviceProject: false,
  });
  const system = (role: string) => ({ ...base, system: true, roles: from(role) });
  const made: Record<string, () => ReturnType<typeof project> | ReturnType<typeof system>> = {
    A: () => system('admin'),
    M: () => system('member'),
    R: () => system('reader'),
    S: () => system('service'),
    a: () => project('owner', 'admin'),
    g: () => project('owner', 'manager'),
    m: () => project('owner', 'member'),
    r: () => project('owner', 'reader'),
    s: () => project('owner', 'service'),
    b: () => project('lessee', 'admin'),
    h: () => project('lessee', 'manager'),
    n: () => project('lessee', 'member'),
    e: () => project('lessee', 'reader'),
    o: () => project('other', 'admin'),
    t: () => ({ ...project('services', 'service'), serviceProject: true }),
  };
  const make = made[letter];
  if (make === undefined) throw new Error(letter);
  return make();
}

describe('who may do what with machines', () => {
  const policy = createPolicy([baremetalRules]);
  const target = { owner: 'owner', lessee: 'lessee' };

  it.each(Object.entries(MATRIX))('%s', (name, letters) => {
    const allowed = [...LETTERS].filter((letter) => policy.allows(`baremetal:${name}`, persona(letter), target));
    expect(allowed.join('')).toBe([...LETTERS].filter((letter) => letters.includes(letter)).join(''));
  });

  it('has every rule in the matrix and no other', () => {
    const names = baremetalRules.rules.map((r) => r.name).filter((name) => name.startsWith('baremetal:'));
    expect(names.sort()).toEqual(
      Object.keys(MATRIX)
        .map((name) => `baremetal:${name}`)
        .sort(),
    );
    expect(names.length).toBeGreaterThanOrEqual(122);
  });

  it("lets the operators' own project act for the system, and only its admins", () => {
    const admin = { ...persona('o'), adminProject: true };
    const member = { ...persona('o'), adminProject: true, roles: from('member') };
    expect(policy.allows('baremetal:node:delete', admin, target)).toBe(true);
    expect(policy.allows('baremetal:chassis:create', admin)).toBe(true);
    expect(policy.allows('baremetal:node:get', member, target)).toBe(false);
  });

  it('gives a machine of nobody to the system only', () => {
    const free = { owner: null, lessee: null };
    for (const letter of 'agmrsbhneo') {
      expect(policy.allows('baremetal:node:get', persona(letter), free)).toBe(false);
    }
    expect(policy.allows('baremetal:node:get', { ...persona('o'), projectId: null }, free)).toBe(false);
    expect(policy.allows('baremetal:node:get', persona('R'), free)).toBe(true);
  });
});
