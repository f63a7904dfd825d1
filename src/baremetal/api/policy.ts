import type { RuleDefinition, RuleSet, Scope } from '#contracts/policy';

// Who may do what with machines. Names and defaults are those of Ironic's secure RBAC, so that a policy file
// written for Ironic works here; the building blocks (`machine_…`) are ours. Where we depart from Ironic on
// purpose it says so in the description.
//
// Personas: the system's admin, member and reader; the owner of a node (its project) and the lessee (who has
// it for a time), each as admin, manager, member, reader; services. Admin implies manager implies member
// implies reader.

const OF_OWNER = 'project_id:%(owner)s';
const OF_LESSEE = 'project_id:%(lessee)s';

const personas: readonly RuleDefinition[] = [
  define('machine_system', 'system_scope:all or (is_admin_project:True and role:admin)', 'Works for the whole system'),
  define(
    'service_role',
    'role:service and is_service_project:True',
    'A service of ours, when the configuration trusts them',
  ),
  define('machine_system_admin', 'role:admin and rule:machine_system', "The system's admin"),
  define('machine_system_service', 'role:service and system_scope:all', "A service with the system's scope"),
  define('machine_system_member', '(role:member and rule:machine_system) or rule:service_role', "The system's member"),
  define(
    'machine_system_reader',
    '(role:reader and rule:machine_system) or rule:machine_system_service or rule:service_role',
    "The system's reader",
  ),
  define('machine_owner_admin', `role:admin and ${OF_OWNER}`, "Admin of the owner's project"),
  define('machine_owner_manager', `role:manager and ${OF_OWNER}`, "Manager of the owner's project"),
  define('machine_owner_member', `role:member and ${OF_OWNER}`, "Member of the owner's project"),
  define('machine_owner_reader', `role:reader and ${OF_OWNER}`, "Reader of the owner's project"),
  define('machine_owner_service', `role:service and ${OF_OWNER}`, "Service account in the owner's project"),
  define('machine_lessee_manager', `role:manager and ${OF_LESSEE}`, "Manager or admin of the lessee's project"),
  define('machine_lessee_member', `role:member and ${OF_LESSEE}`, "Member of the lessee's project"),
  define('machine_lessee_reader', `role:reader and ${OF_LESSEE}`, "Reader of the lessee's project"),
];

/** Expressions that many rules share. Admin is left out where manager is there: it implies it. */
const any = (...rules: string[]) => rules.map((rule) => `rule:machine_${rule}`).join(' or ');
const SYSTEM_ADMIN = any('system_admin');
const SYSTEM_MEMBER = any('system_member');
const SYSTEM_READER = any('system_reader');
const SEEN_BY_BOTH = any('system_reader', 'owner_reader', 'lessee_reader', 'owner_service');
const SEEN_BY_OWNER = any('system_reader', 'owner_reader', 'owner_service');
const USED_BY_BOTH = any('system_member', 'system_service', 'owner_member', 'lessee_member');
const USED_BY_OWNER = any('system_member', 'system_service', 'owner_member', 'owner_service');
const RUN_BY_LESSEE_MANAGER = `${USED_BY_OWNER} or ${any('lessee_manager')}`;
const RULED_BY_OWNER = any('system_member', 'system_service', 'owner_manager', 'owner_service');
const HELD_BY_OWNER = any('system_admin', 'system_service', 'owner_manager', 'owner_service');
const RULED_BY_BOTH = `${RULED_BY_OWNER} or ${any('lessee_manager')}`;
const ANY_READER = 'role:reader or role:service';
const NOBODY = '!';

const node: readonly RuleDefinition[] = [
  rule('node:create', `${SYSTEM_ADMIN} or rule:machine_system_service`, 'Enrol nodes for anybody'),
  rule('node:create:self_owned_node', 'role:admin or role:service', "Enrol nodes owned by one's own project"),
  rule('node:list', ANY_READER, "List one's own nodes"),
  rule('node:list_all', SYSTEM_READER, "List everybody's nodes"),
  rule('node:get', SEEN_BY_BOTH, 'See a node'),
  rule('node:get:filter_threshold', SYSTEM_READER, 'See nodes without the checks of single fields'),
  rule('node:get:last_error', SEEN_BY_OWNER, 'See last_error'),
  rule('node:get:reservation', SEEN_BY_OWNER, 'See reservation'),
  rule('node:get:driver_internal_info', SEEN_BY_OWNER, 'See driver_internal_info'),
  rule('node:get:driver_info', SEEN_BY_OWNER, 'See driver_info'),
  rule('node:update', USED_BY_BOTH, 'Change a node'),
  rule('node:update_extra', USED_BY_BOTH, 'Change extra'),
  rule('node:update_instance_info', RUN_BY_LESSEE_MANAGER, 'Change instance_info'),
  rule('node:update_owner_provisioned', SYSTEM_ADMIN, 'Change the owner of a node in use', ['system']),
  rule('node:update:driver_info', USED_BY_OWNER, 'Change driver_info'),
  rule('node:update:properties', USED_BY_OWNER, 'Change properties'),
  rule('node:update:chassis_uuid', SYSTEM_ADMIN, 'Change chassis_uuid'),
  rule('node:update:instance_uuid', USED_BY_OWNER, 'Change instance_uuid'),
  rule('node:update:lessee', USED_BY_OWNER, 'Change the lessee'),
  rule('node:update:owner', SYSTEM_MEMBER, 'Change the owner'),
  rule('node:update:driver_interfaces', RULED_BY_OWNER, 'Change the driver and its interfaces'),
  rule('node:update:network_data', USED_BY_OWNER, 'Change network_data'),
  rule('node:update:conductor_group', SYSTEM_MEMBER, 'Change the conductor group'),
  rule('node:update:name', USED_BY_OWNER, 'Change the name'),
  rule('node:update:retired', USED_BY_OWNER, 'Retire a node'),
  rule('node:update:shard', SYSTEM_ADMIN, 'Change the shard'),
  rule('node:update:parent_node', SYSTEM_MEMBER, 'Change the parent node'),
  rule('node:update:disable_power_off', SYSTEM_ADMIN, 'Forbid powering off'),
  rule('node:disable_cleaning', SYSTEM_ADMIN, 'Turn automated cleaning off'),
  rule('node:delete', SYSTEM_ADMIN, "Delete anybody's node"),
  rule('node:delete:self_owned_node', any('owner_admin'), "Delete one's own node"),
  rule('node:validate', RUN_BY_LESSEE_MANAGER, 'Validate the interfaces'),
  rule('node:set_maintenance', RUN_BY_LESSEE_MANAGER, 'Put into maintenance'),
  rule('node:clear_maintenance', RUN_BY_LESSEE_MANAGER, 'Take out of maintenance'),
  rule('node:get_boot_device', RULED_BY_OWNER, 'See the boot device'),
  rule('node:set_boot_device', RULED_BY_OWNER, 'Set the boot device'),
  rule('node:get_indicator_state', SEEN_BY_BOTH, 'See indicators'),
  rule('node:set_indicator_state', USED_BY_OWNER, 'Set indicators'),
  rule(
    'node:inject_nmi',
    `${RULED_BY_OWNER} or ${any('lessee_member')}`,
    'Send an NMI. Ironic: not the lessee. Here: its members too, it is their system that hangs',
  ),
  rule('node:get_states', SEEN_BY_BOTH, 'See power and provision state'),
  rule('node:set_power_state', USED_BY_BOTH, 'Switch power, soft power included'),
  rule('node:set_boot_mode', USED_BY_BOTH, 'Set the boot mode'),
  rule('node:set_secure_boot', USED_BY_BOTH, 'Set secure boot'),
  rule('node:set_provision_state', RUN_BY_LESSEE_MANAGER, 'Deploy, clean, rescue, …'),
  rule('node:set_provision_state:clean_steps', RUN_BY_LESSEE_MANAGER, 'Clean with steps of choice'),
  rule('node:set_provision_state:service_steps', RUN_BY_LESSEE_MANAGER, 'Service with steps of choice'),
  rule('node:set_raid_state', USED_BY_OWNER, 'Set the wanted RAID'),
  rule(
    'node:get_console',
    `${USED_BY_OWNER} or ${any('lessee_member')}`,
    'See how to reach the console. Ironic: not the lessee. Here: its members too',
  ),
  rule(
    'node:set_console_state',
    `${USED_BY_OWNER} or ${any('lessee_member')}`,
    'Turn the console on and off. Ironic: not the lessee. Here: its members too',
  ),
  rule(
    'node:get_console_log',
    `${USED_BY_OWNER} or ${any('lessee_member')}`,
    'Read what the console recorded. Not in Ironic',
  ),
  rule('node:vif:list', SEEN_BY_BOTH, 'List attached VIFs'),
  rule('node:vif:attach', RUN_BY_LESSEE_MANAGER, 'Attach a VIF'),
  rule('node:vif:detach', RUN_BY_LESSEE_MANAGER, 'Detach a VIF'),
  rule('node:traits:list', SEEN_BY_BOTH, 'List traits'),
  rule('node:traits:set', RULED_BY_OWNER, 'Set traits'),
  rule('node:traits:delete', RULED_BY_OWNER, 'Remove traits'),
  rule('node:bios:get', SEEN_BY_BOTH, 'See BIOS settings'),
  rule('node:firmware:get', SEEN_BY_BOTH, 'See firmware versions'),
  rule('node:history:get', SEEN_BY_OWNER, 'See the history'),
  rule('node:timeline:get', SEEN_BY_BOTH, 'See how operations spent their time. Not in Ironic'),
  rule('node:baseline:delete', RULED_BY_OWNER, 'Forget the recorded firmware. Not in Ironic'),
  rule('node:proof:get', SEEN_BY_OWNER, 'See what proves that a node was cleaned. Not in Ironic'),
  rule('node:inventory:get', SEEN_BY_OWNER, 'See what inspection found'),
  rule('node:vmedia:attach', USED_BY_BOTH, 'Attach virtual media'),
  rule('node:vmedia:detach', USED_BY_BOTH, 'Detach virtual media'),
  rule('node:vmedia:get', SEEN_BY_BOTH, 'See virtual media'),
  rule('node:vendor_passthru', SYSTEM_ADMIN, "Call vendors' functions of a node"),
  define('baremetal:node:ipa_heartbeat', '', 'Heartbeats of the ramdisk; it proves itself with its token'),
];

const parts: readonly RuleDefinition[] = [
  rule('shards:get', SYSTEM_READER, 'List shards'),
  ...['port', 'portgroup'].flatMap((kind) => [
    rule(`${kind}:get`, SEEN_BY_BOTH, `See a ${kind}`),
    rule(`${kind}:list`, ANY_READER, `List ${kind}s of one's own nodes`),
    rule(`${kind}:list_all`, SYSTEM_READER, `List everybody's ${kind}s`),
    rule(`${kind}:create`, HELD_BY_OWNER, `Create a ${kind}`),
    rule(`${kind}:delete`, HELD_BY_OWNER, `Delete a ${kind}`),
    rule(`${kind}:update`, RULED_BY_OWNER, `Change a ${kind}`),
  ]),
  rule('chassis:get', SYSTEM_READER, 'See chassis', ['system']),
  rule('chassis:create', SYSTEM_ADMIN, 'Create a chassis', ['system']),
  rule('chassis:delete', SYSTEM_ADMIN, 'Delete a chassis', ['system']),
  rule('chassis:update', SYSTEM_MEMBER, 'Change a chassis', ['system']),
  rule('driver:get', SYSTEM_READER, 'See drivers', ['system']),
  rule('driver:get_properties', SYSTEM_READER, "See a driver's properties", ['system']),
  rule('driver:get_raid_logical_disk_properties', SYSTEM_READER, "See a driver's RAID properties", ['system']),
  rule('driver:vendor_passthru', SYSTEM_ADMIN, "Call vendors' functions of a driver", ['system']),
  define('baremetal:driver:ipa_lookup', '', 'Lookup by the ramdisk'),
  define('baremetal:driver:ipa_continue_inspection', '', 'Inspection data from the ramdisk'),
  rule('conductor:get', SYSTEM_READER, 'See conductors'),
  rule('discovery:get', SYSTEM_READER, 'See searches for BMCs, and what they found', ['system']),
  rule('discovery:create', SYSTEM_ADMIN, 'Search for BMCs', ['system']),
  rule('events:post', SYSTEM_ADMIN, 'Post events', ['system']),
  rule('volume:list', ANY_READER, "List volume records of one's own nodes"),
  rule('volume:list_all', SYSTEM_READER, "List everybody's volume records"),
  rule('volume:get', SEEN_BY_BOTH, 'See a volume record'),
  rule('volume:create', RULED_BY_BOTH, 'Create a volume record'),
  rule('volume:delete', RULED_BY_BOTH, 'Delete a volume record'),
  rule('volume:update', RUN_BY_LESSEE_MANAGER, 'Change a volume record'),
  rule('volume:view_target_properties', `${SYSTEM_READER} or role:admin`, "See a target's properties"),
];

const RUNBOOK_RULED = `${SYSTEM_MEMBER} or rule:machine_owner_manager or role:service`;

const catalogue: readonly RuleDefinition[] = [
  rule('allocation:get', any('system_reader', 'owner_reader'), 'See an allocation'),
  rule('allocation:list', ANY_READER, "List one's own allocations"),
  rule('allocation:list_all', SYSTEM_READER, "List everybody's allocations"),
  rule('allocation:create', `${SYSTEM_MEMBER} or role:member`, 'Ask for a node'),
  rule('allocation:create_restricted', SYSTEM_MEMBER, 'Ask for a node in the name of any owner'),
  rule('allocation:create_pre_rbac', NOBODY, 'Kept for files written for Ironic; nothing asks it', ['project']),
  rule('allocation:delete', any('system_member', 'owner_member'), 'Delete an allocation'),
  rule('allocation:update', any('system_member', 'owner_member'), 'Change an allocation'),
  ...['deploy_template', 'inspection_rule'].flatMap((kind) => [
    rule(`${kind}:get`, SYSTEM_READER, `See ${kind}s`),
    rule(`${kind}:create`, SYSTEM_ADMIN, `Create a ${kind}`),
    rule(`${kind}:delete`, SYSTEM_ADMIN, `Delete a ${kind}`),
    rule(`${kind}:update`, SYSTEM_ADMIN, `Change a ${kind}`),
  ]),
  rule('inspection_rule:list_all', SYSTEM_READER, 'List inspection rules'),
  rule('runbook:get', `${any('system_reader', 'owner_reader')} or role:service`, 'See a runbook'),
  rule('runbook:list', ANY_READER, "List one's own runbooks and the public ones"),
  rule('runbook:list_all', SYSTEM_READER, "List everybody's runbooks"),
  rule('runbook:create', `${SYSTEM_MEMBER} or role:manager or role:service`, 'Create a runbook'),
  rule('runbook:delete', RUNBOOK_RULED, 'Delete a runbook'),
  rule('runbook:update', RUNBOOK_RULED, 'Change a runbook'),
  rule('runbook:update:public', SYSTEM_MEMBER, 'Make a runbook public'),
  rule('runbook:update:owner', SYSTEM_MEMBER, "Change a runbook's owner"),
  rule('runbook:use', RUNBOOK_RULED, 'Run a runbook on a node'),
];

/** Names that Ironic's policy files may hold beside `baremetal:*`. */
const legacy: readonly RuleDefinition[] = [
  define('public_api', 'is_public_api:True', 'Nobody is logged in'),
  define('show_password', NOBODY, 'See secrets in driver_info. Refused to everybody'),
  define('show_instance_secrets', NOBODY, 'See secrets in instance_info. Refused to everybody'),
  define('is_node_owner', OF_OWNER, "In the owner's project"),
  define('is_node_lessee', OF_LESSEE, "In the lessee's project"),
  define('is_allocation_owner', OF_OWNER, "In the project of the allocation's owner"),
];

/** The old inspector's API, a view on the same data; everything is the operators'. */
const introspection: readonly RuleDefinition[] = [
  define('introspection', '', 'Discovery'),
  define('introspection:version', '', 'Discovery'),
  define('introspection:continue', '', 'Inspection data from the ramdisk'),
  define('introspection:status', SYSTEM_READER, 'See inspections'),
  define('introspection:data', SYSTEM_READER, 'See what inspection found'),
  define('introspection:start', SYSTEM_MEMBER, 'Start an inspection'),
  define('introspection:abort', SYSTEM_MEMBER, 'Abort an inspection'),
  define('introspection:reapply', SYSTEM_MEMBER, 'Apply the rules again'),
  define('introspection:rule:get', SYSTEM_READER, 'See inspection rules'),
  define('introspection:rule:create', SYSTEM_ADMIN, 'Create inspection rules'),
  define('introspection:rule:delete', SYSTEM_ADMIN, 'Delete inspection rules'),
];

/** All rules of the bare metal service. */
export const baremetalRules: RuleSet = {
  service: 'baremetal',
  targets: ['owner', 'lessee', 'public'],
  prefixes: ['node.', 'allocation.', 'runbook.'],
  rules: [...personas, ...node, ...parts, ...catalogue, ...legacy, ...introspection],
  // `baremetal:step:execute:raid.apply_configuration`: who may name a step in a request, a runbook.
  open: ['baremetal:step:execute:'],
};

function define(name: string, check: string, description: string): RuleDefinition {
  return { name, check, description };
}

function rule(name: string, check: string, description: string, scopes: readonly Scope[] = ['system', 'project']) {
  return { name: `baremetal:${name}`, check, scopes, description };
}
