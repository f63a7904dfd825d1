import { describe, expect, it } from 'vitest';
import { PORTS } from './ports.ts';
import { NODES } from './nodes.ts';
import { fieldsAt, isSortable, type ResourceTable, sinceOf } from './resource.ts';

/** What each microversion brought to nodes, told a second time and the other way round. */
const BROUGHT: Record<number, string[]> = {
  3: ['driver_internal_info'],
  5: ['name'],
  6: ['inspection_finished_at', 'inspection_started_at'],
  7: ['clean_step'],
  12: ['raid_config', 'target_raid_config'],
  20: ['network_interface'],
  21: ['resource_class'],
  31: ['boot', 'console', 'deploy', 'inspect', 'management', 'power', 'raid', 'vendor'].map(
    (kind) => `${kind}_interface`,
  ),
  33: ['storage_interface'],
  37: ['traits'],
  38: ['rescue_interface'],
  40: ['bios_interface'],
  42: ['fault'],
  44: ['deploy_step'],
  46: ['conductor_group'],
  47: ['automated_clean'],
  48: ['protected', 'protected_reason'],
  49: ['conductor'],
  50: ['owner'],
  51: ['description'],
  52: ['allocation_uuid'],
  61: ['retired', 'retired_reason'],
  65: ['lessee'],
  66: ['network_data'],
  75: ['boot_mode', 'secure_boot'],
  82: ['shard'],
  83: ['parent_node'],
  86: ['firmware_interface'],
  87: ['service_step'],
  95: ['disable_power_off'],
  104: ['instance_name'],
  109: ['health'],
};

describe('the version table of nodes', () => {
  it('brings each field with its version', () => {
    let before = fieldsAt(NODES, 1);
    expect(before).toHaveLength(20);
    for (let version = 2; version <= 115; version++) {
      const now = fieldsAt(NODES, version);
      const fresh = now.filter((name) => !before.includes(name));
      expect(fresh.sort(), `1.${version}`).toEqual((BROUGHT[version] ?? []).sort());
      before = now;
    }
  });

  it('lets PATCH touch what Ironic lets it', () => {
    const patchable = Object.entries(NODES.fields)
      .filter(([, spec]) => spec.patch)
      .map(([name]) => name);
    expect(patchable).toHaveLength(37);
    for (const name of ['traits', 'console_enabled', 'boot_mode', 'provision_state', 'maintenance_reason', 'uuid']) {
      expect(patchable).not.toContain(name);
    }
  });

  it('sorts by no document', () => {
    const refused = Object.entries(NODES.fields)
      .filter(([, spec]) => !isSortable(spec))
      .map(([name]) => name);
    expect(refused.sort()).toEqual(
      ['clean_step', 'conductor', 'deploy_step', 'driver_info', 'driver_internal_info', 'extra', 'instance_info']
        .concat(['network_data', 'properties', 'raid_config', 'service_step', 'target_raid_config', 'traits'])
        .sort(),
    );
  });
});

describe.each<[string, ResourceTable]>([
  ['nodes', NODES],
  ['ports', PORTS],
])('the version table of %s', (_name, table) => {
  it('names versions that exist and keys that are safe in SQL and JSON', () => {
    for (const [name, spec] of [...Object.entries(table.fields), ...Object.entries(table.filters)]) {
      expect(sinceOf(spec)).toBeGreaterThanOrEqual(1);
      expect(sinceOf(spec)).toBeLessThanOrEqual(115);
      expect(name).toMatch(/^[a-z_]+$/);
    }
  });
});
