import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROVISION_STATES } from '../states/names.ts';
import { readLocalLink } from './local-link.ts';
import { isLogicalName, isValidName } from './names.ts';
import { checkNetworkData } from './network-data.ts';
import { checkRaidConfig } from './raid-config.ts';
import { checkDisallowed, checkSteps } from './requested-steps.ts';
import { hostFor } from './ring.ts';
import { isTrait } from './traits.ts';
import { checkDelta, checkEditable, type EditedNode } from './update-rules.ts';
import { choosePlace, type VifCandidate } from './vif-choice.ts';

const node: EditedNode = {
  uuid: 'u',
  provisionState: 'manageable',
  targetProvisionState: null,
  maintenance: false,
  instanceUuid: null,
  resourceClass: 'gold',
  allocationUuid: null,
  consoleEnabled: false,
};
const edit = (delta: Record<string, unknown>, change: Partial<EditedNode> = {}) => {
  const map = new Map(Object.entries(delta));
  checkDelta({ ...node, ...change }, 'u', map, (field) => map.get(field));
};

describe('edits of a node', () => {
  it('are open in a state at rest and in the failed ones, closed on the way', () => {
    const open = PROVISION_STATES.filter((provisionState) => {
      try {
        checkEditable({ ...node, provisionState, targetProvisionState: 'active' }, 'u', false);
        return true;
      } catch {
        return false;
      }
    });
    expect(open).toEqual(
      expect.arrayContaining(['deploy failed', 'inspect wait', 'inspecting', 'error', 'verifying', 'service hold']),
    );
    expect(open).not.toContain('deploying');
    expect(open).not.toContain('clean wait');
    expect(() => checkEditable({ ...node, provisionState: 'inspecting' }, 'u', true)).toThrow(/inspecting/);
  });

  it('mind what depends on the state', () => {
    const active = { provisionState: 'active' };
    expect(() => edit({ power_interface: 'x' }, active)).toThrow(/power_interface/);
    expect(() => edit({ power_interface: 'x' }, { ...active, maintenance: true })).not.toThrow();
    expect(() => edit({ driver: 'x' }, { consoleEnabled: true })).toThrow(/console/);
    expect(() => edit({ resource_class: 'x' }, { ...active, maintenance: true })).toThrow(/resource_class/);
    expect(() => edit({ resource_class: 'x' }, { ...active, resourceClass: null })).not.toThrow();
    expect(() => edit({ protected: true })).toThrow(/protected/);
    expect(() => edit({ protected: true, protected_reason: 'x' }, active)).not.toThrow();
    expect(() => edit({ retired: true }, { provisionState: 'available' })).toThrow(/retired/);
    expect(() => edit({ instance_uuid: 'b' }, { instanceUuid: 'a' })).toThrow(/associated with instance a/);
    expect(() => edit({ instance_uuid: null }, { ...active, allocationUuid: 'a' })).toThrow(/with an allocation/);
  });
});

describe('names', () => {
  it('had to look like hosts before 1.10', () => {
    expect(isLogicalName('a_b~c', 10)).toBe(true);
    expect(isLogicalName('a_b', 9)).toBe(false);
    expect(isLogicalName('a-b.c', 5)).toBe(true);
    expect(isLogicalName('a b', 115)).toBe(false);
    expect(isLogicalName('x'.repeat(256), 115)).toBe(false);
    expect(isValidName('11111111-1111-4111-8111-111111111111', 115)).toBe(false);
  });

  it('of traits are standard or custom', () => {
    expect(['CUSTOM_A1', 'HW_CPU_X86_VMX', 'CUSTOM_', 'custom_a', 'HW_MADE_UP'].map(isTrait)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('documents', () => {
  it('local_link_connection', () => {
    const link = { switch_id: '00:11:22:33:44:55:66:77', port_id: 'p' };
    expect(readLocalLink(link)).toEqual(link);
    expect(readLocalLink(null)).toEqual({});
    expect(readLocalLink({ network_type: 'unmanaged' })).toEqual({ network_type: 'unmanaged' });
    for (const wrong of [
      { port_id: 'p' },
      { ...link, switch_id: 'x' },
      { ...link, a: 'b' },
      { network_type: 'odd' },
      { ...link, port_id: 1 },
    ]) {
      expect(() => readLocalLink(wrong)).toThrow();
    }
  });

  it('network_data', () => {
    const good = {
      links: [{ id: 'l', type: 'phy', ethernet_mac_address: 'fa:16:3e:9c:bf:3d', mtu: null }],
      networks: [{ id: 'n', type: 'ipv4', link: 'l', network_id: 'x', ip_address: '10.0.0.2' }],
      services: [{ type: 'dns', address: '10.0.0.1' }],
    };
    expect(() => checkNetworkData(good)).not.toThrow();
    expect(() => checkNetworkData({})).not.toThrow();
    for (const part of ['links', 'networks', 'services'])
      expect(() => checkNetworkData({ ...good, [part]: undefined })).toThrow(part);
    fc.assert(
      fc.property(fc.record({ links: fc.jsonValue(), networks: fc.jsonValue(), services: fc.jsonValue() }), (data) => {
        try {
          checkNetworkData(data);
        } catch (error) {
          expect((error as { status?: number }).status).toBe(400);
        }
      }),
    );
  });

  it('target_raid_config', () => {
    expect(() =>
      checkRaidConfig({
        logical_disks: [{ size_gb: 'MAX', raid_level: '1+0', controller: 'c', physical_disks: ['a'] }],
      }),
    ).not.toThrow();
    for (const disk of [
      {},
      { size_gb: 1, raid_level: '9' },
      { size_gb: 1, raid_level: '1', odd: 1 },
      { size_gb: 1, raid_level: '1', physical_disks: ['a'] },
    ]) {
      expect(() => checkRaidConfig({ logical_disks: [disk] })).toThrow();
    }
    const root = { size_gb: 1, raid_level: '1', is_root_volume: true };
    expect(() => checkRaidConfig({ logical_disks: [root, root] })).toThrow(/more than one root volume/);
  });

  it('steps', () => {
    expect(() => checkSteps('deploy', [{ interface: 'bios', step: 's', args: {}, priority: '7' }])).not.toThrow();
    expect(() => checkSteps('deploy', [{ interface: 'bios', step: 's', args: {} }])).toThrow(/priority/);
    expect(() => checkSteps('clean', [{ interface: 'network', step: 's' }])).toThrow(/interface/);
    expect(() => checkSteps('service', [{ interface: 'network', step: 's' }])).not.toThrow();
    expect(() => checkDisallowed('clean', [{ interface: 'vendor', step: 'send_raw' }], ['vendor.send_raw'])).toThrow(
      /not allowed/,
    );
  });
});

describe('the ring', () => {
  it('gives each node one of the live hosts, always the same', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 1, max: 9 }), (uuid, count) => {
        const hosts = Array.from({ length: count }, (_, i) => `h${i}`);
        expect(hosts).toContain(hostFor(hosts, uuid));
        expect(hostFor(hosts, uuid)).toBe(hostFor(hosts, uuid));
      }),
    );
    expect(hostFor([], '11111111-1111-4111-8111-111111111111')).toBeNull();
  });
});

describe('the place of a VIF', () => {
  const place = fc.record({
    kind: fc.constantFrom('port' as const, 'portgroup' as const),
    uuid: fc.uuid(),
    portgroup: fc.constantFrom(null, 'g1', 'g2'),
    pxe: fc.boolean(),
    physicalNetwork: fc.constant(null),
    vif: fc.constantFrom(null, null, 'v1', 'v2'),
  });

  it('is free, or there is none', () => {
    fc.assert(
      fc.property(fc.array(place, { maxLength: 6 }), (drawn) => {
        const places: VifCandidate[] = drawn.map((one) =>
          one.kind === 'portgroup' ? { ...one, portgroup: null } : one,
        );
        try {
          expect(choosePlace(places, 'n', 'new', {}).vif).toBeNull();
        } catch (error) {
          expect((error as { code?: string }).code).toBe('NoFreePhysicalPorts');
          expect(places.some((one) => one.kind === 'port' && one.vif === null && one.portgroup === null)).toBe(false);
        }
      }),
    );
  });

  it('is a group before a port, and a port that boots before another', () => {
    const port = (uuid: string, pxe: boolean, portgroup: string | null = null): VifCandidate => ({
      kind: 'port',
      uuid,
      portgroup,
      pxe,
      physicalNetwork: null,
      vif: null,
    });
    const group: VifCandidate = {
      kind: 'portgroup',
      uuid: 'g',
      portgroup: null,
      pxe: true,
      physicalNetwork: null,
      vif: null,
    };
    expect(choosePlace([port('a', false), port('b', true)], 'n', 'v', {}).uuid).toBe('b');
    expect(choosePlace([port('a', true), port('m', true, 'g'), group], 'n', 'v', {}).uuid).toBe('g');
    expect(choosePlace([port('a', true), group], 'n', 'v', {}).uuid).toBe('a');
    expect(choosePlace([port('a', true), port('b', false)], 'n', 'v', { port: 'b' }).uuid).toBe('b');
  });

  it('reaches a physical network of the VIF, and says so when several would do', () => {
    const port = (uuid: string, physicalNetwork: string | null, more: Partial<VifCandidate> = {}): VifCandidate => ({
      kind: 'port',
      uuid,
      portgroup: null,
      pxe: true,
      physicalNetwork,
      vif: null,
      ...more,
    });
    const physicalNetworks = ['red'];
    const places = [port('a', null), port('b', 'blue'), port('c', 'red', { pxe: false })];
    // One that names the network goes before one that names none, although it does not boot.
    expect(choosePlace(places, 'n', 'v', { physicalNetworks }).uuid).toBe('c');
    expect(choosePlace(places.slice(0, 2), 'n', 'v', { physicalNetworks }).uuid).toBe('a');
    expect(() => choosePlace([port('b', 'blue')], 'n', 'v', { physicalNetworks })).toThrow(/not enough free/);
    expect(() => choosePlace(places, 'n', 'v', { physicalNetworks: ['red', 'blue'] })).toThrow(/blue, red/);
    // A group one of whose ports is elsewhere is of no use; its other port is.
    const group: VifCandidate = { ...port('g', null), kind: 'portgroup' };
    const torn = [port('m1', 'red', { portgroup: 'g' }), port('m2', 'blue', { portgroup: 'g' }), group];
    expect(choosePlace(torn, 'n', 'v', { physicalNetworks }).uuid).toBe('m1');
    // Where switches are moved, a port whose cable nobody knows is none.
    expect(() => choosePlace([port('x', 'red', { cabled: false })], 'n', 'v', { onlyCabled: true })).toThrow();
    expect(choosePlace([port('x', 'red', { cabled: false })], 'n', 'v', {}).uuid).toBe('x');
  });
});
