import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SwitchAbilities } from '#contracts/switches';
import type { Segment } from '../model/truth.ts';
import type { BoundPort, MachineRule } from './bound.ts';
import { enforcementOf, filtersOf } from './enforcement.ts';
import { planLink } from './plans.ts';
import { chooseSegment, freeVlan } from './segment.ts';

const ABLE: SwitchAbilities = {
  lag: true,
  mlag: true,
  mtu: true,
  edge: true,
  storm: true,
  isolation: true,
  acl: ['in', 'out'],
};
const KNOWING: SwitchAbilities = { ...ABLE, stateful: true, guard: true, aclUntagged: true };
const segment = (more: Partial<Segment> = {}): Segment => ({
  id: 's1',
  type: 'vlan',
  physicalNetwork: 'rack1',
  segmentationId: 200,
  dynamic: false,
  ...more,
});
const LINK = { switchId: '52:54:00:00:00:01', portId: 'e1', switchInfo: null };
const bound = (more: Partial<BoundPort> = {}): BoundPort => ({
  id: 'p1',
  networkId: '0123456789',
  mac: '52:54:00:aa:00:01',
  status: 'ACTIVE',
  vifType: 'other',
  place: 'place',
  purpose: null,
  links: [LINK],
  bond: null,
  segment: segment(),
  adminUp: true,
  portSecurity: true,
  pairs: [],
  ips: ['10.0.0.5'],
  subports: [],
  groups: [{ id: 'g', stateful: false }],
  rules: [],
  strict: null,
  ...more,
});
const rule = (more: Partial<MachineRule> = {}): MachineRule => ({
  id: 'r',
  groupId: 'g',
  direction: 'ingress',
  ethertype: 'IPv4',
  protocol: 'tcp',
  portMin: 22,
  portMax: 22,
  remotes: null,
  ...more,
});

describe('the segment of a machine', () => {
  it('is the VLAN of its physical network', () => {
    const both = [segment(), segment({ id: 's2', physicalNetwork: 'rack2', segmentationId: 201 })];
    const wish = { segments: both, tied: [] };
    expect(chooseSegment({ ...wish, physicalNetwork: 'rack2' })).toMatchObject({ segment: { id: 's2' } });
    expect(chooseSegment({ ...wish, physicalNetwork: 'rack3' }).kind).toBe('none');
    expect(chooseSegment({ ...wish, physicalNetwork: null }).kind).toBe('none');
    expect(chooseSegment({ segments: [segment()], tied: [], physicalNetwork: null })).toMatchObject({
      segment: { id: 's1' },
    });
    expect(chooseSegment({ ...wish, tied: ['s2'], physicalNetwork: null })).toMatchObject({ segment: { id: 's2' } });
  });

  it('is bridged into an overlay, once a physical network', () => {
    const overlay = segment({ id: 'o', type: 'geneve', physicalNetwork: null, segmentationId: 7 });
    const dynamic = segment({ id: 'd', dynamic: true });
    const wish = { tied: [], physicalNetwork: 'rack1' };
    expect(chooseSegment({ ...wish, segments: [overlay] })).toEqual({ kind: 'dynamic', physicalNetwork: 'rack1' });
    expect(chooseSegment({ ...wish, segments: [overlay, dynamic] })).toMatchObject({ segment: { id: 'd' } });
    expect(chooseSegment({ ...wish, segments: [overlay, dynamic], physicalNetwork: 'rack2' }).kind).toBe('dynamic');
    expect(chooseSegment({ ...wish, segments: [overlay], physicalNetwork: null }).kind).toBe('none');
    expect(chooseSegment({ ...wish, segments: [segment({ type: 'local', physicalNetwork: null })] }).kind).toBe('none');
  });

  it('has a VLAN that nobody has, or none', () => {
    const ranges = fc.array(fc.tuple(fc.integer({ min: 2, max: 40 }), fc.nat(5)), { maxLength: 4 });
    fc.assert(
      fc.property(
        ranges,
        fc.uniqueArray(fc.integer({ min: 2, max: 46 })),
        fc.integer({ min: 2, max: 46 }),
        (drawn, used, wish) => {
          const spans = drawn.map(([first, more]) => ({ first, last: first + more }));
          const inside = (vlan: number) => spans.some(({ first, last }) => vlan >= first && vlan <= last);
          const free = freeVlan(spans, new Set(used), wish);
          const left = Array.from({ length: 50 }, (_, i) => i).filter((vlan) => inside(vlan) && !used.includes(vlan));
          if (free === null) expect(left).toEqual([]);
          else expect(left).toContain(free);
          if (left.includes(wish)) expect(free).toBe(wish);
        },
      ),
    );
  });
});

describe('the plan of a switch port', () => {
  const parts = (ports: BoundPort[]) => ({
    machine: 'm',
    ports,
    flatVlans: new Map([['rack2', 5]]),
    abilities: ABLE,
    acl: () => ({ in: null, out: null }),
  });
  const plan = (...ports: BoundPort[]) => planLink(LINK, parts(ports));

  it('is nothing until exactly one port is bound by it', () => {
    expect(plan()).toMatchObject({ plan: { vlans: { mode: 'nothing' } } });
    expect(plan(bound({ links: [{ ...LINK, portId: 'e2' }] }))).toMatchObject({ plan: { vlans: { mode: 'nothing' } } });
    expect(plan(bound({ adminUp: false }))).toMatchObject({ plan: { vlans: { mode: 'nothing' } } });
    expect(plan(bound(), bound({ id: 'p2' }))).toHaveProperty('why');
    expect(plan(bound({ segment: null }))).toHaveProperty('why');
  });

  it('keeps machines apart on networks of ours, and not on those of tenants', () => {
    expect(plan(bound({ purpose: 'cleaning' }))).toMatchObject({ plan: { isolated: true } });
    expect(plan(bound())).not.toHaveProperty('plan.isolated');
  });

  it('has a VLAN for flat networks only where the operator says one', () => {
    const flat = (physicalNetwork: string) =>
      bound({ segment: segment({ type: 'flat', physicalNetwork, segmentationId: null }) });
    expect(plan(flat('rack2'))).toMatchObject({ plan: { vlans: { mode: 'access', vlan: 5 } } });
    expect(plan(flat('rack1'))).toMatchObject({ why: expect.stringContaining('network.flat_vlans') });
  });

  it('is a trunk of the VLANs that the machine tags', () => {
    const sub = (tag: number, vlan: number, inherits = false) => ({
      portId: `s${tag}`,
      networkId: 'n',
      tag,
      inherits,
      segment: segment({ segmentationId: vlan }),
    });
    expect(plan(bound({ subports: [sub(31, 31), sub(30, 30), sub(9, 33, true)] }))).toMatchObject({
      plan: { vlans: { mode: 'trunk', native: 200, allowed: [30, 31, 33] } },
    });
    expect(plan(bound({ subports: [sub(9, 33)] }))).toMatchObject({ why: expect.stringContaining('tag 9') });
    expect(plan(bound({ subports: [sub(200, 200)] }))).toMatchObject({ why: expect.stringContaining('twice') });
  });
});

describe('where rules hold', () => {
  const port = (more = {}) => ({
    ...bound({ rules: [rule(), rule({ id: 'e', direction: 'egress' })] }),
    machine: true,
    bound: true,
    abilities: ABLE,
    ...more,
  });
  const verdicts = (more = {}) => enforcementOf(port(more)).map(({ enforcement }) => enforcement);

  it('statefully at virtual machines', () => {
    expect(verdicts({ machine: false, groups: [{ id: 'g', stateful: true }] })).toEqual(['stateful', 'stateful']);
    expect(verdicts({ machine: false })).toEqual(['stateless', 'stateless']);
    expect(verdicts({ machine: false, portSecurity: false })).toEqual(['none', 'none']);
  });

  it('statelessly at switches that filter, where groups are stateless', () => {
    expect(verdicts()).toEqual(['stateless', 'stateless']);
    expect(verdicts({ abilities: { acl: ['in'] } })).toEqual(['none', 'stateless']);
    expect(verdicts({ abilities: { acl: [] } })).toEqual(['none', 'none']);
    expect(verdicts({ abilities: null })).toEqual(['none', 'none']);
    expect(verdicts({ bound: false })).toEqual(['none', 'none']);
    expect(verdicts({ groups: [{ id: 'g', stateful: true }] })).toEqual(['none', 'none']);
  });

  it('not in a direction of which the switch cannot be told all', () => {
    const rules = [rule(), rule({ id: 'sctp', protocol: 'sctp' }), rule({ id: 'e', direction: 'egress' })];
    expect(verdicts({ rules })).toEqual(['none', 'none', 'stateless']);
    const icmp = rule({ protocol: 'icmp', portMin: 3, portMax: 4 });
    expect(enforcementOf(port({ rules: [icmp] }))[0]?.why).toContain('ICMP');
    const many = rule({ remotes: Array.from({ length: 300 }, (_, i) => `10.0.${i % 250}.0/24`) });
    expect(enforcementOf(port({ rules: [many] }))[0]?.why).toContain('300 entries');
  });

  it('a filter lets through no address but the own, and no answers of a DHCP server', () => {
    const filters = filtersOf(bound({ groups: [{ id: 'g', stateful: true }], rules: [rule()] }), ABLE);
    expect(filters?.out).toBeNull();
    const sources = filters?.in
      ?.filter(({ action, family }) => action === 'allow' && family === 4)
      .map(({ source }) => source);
    expect(sources).toEqual(['0.0.0.0/32', '10.0.0.5/32']);
    expect(filters?.in?.[0]).toMatchObject({ action: 'deny', protocol: 'udp', ports: [68, 68] });
    expect(filtersOf(bound({ portSecurity: false }), ABLE)).toEqual({ in: null, out: null });
    // A ramdisk has its address from the boot service.
    expect(filtersOf(bound({ purpose: 'cleaning' }), ABLE).in?.at(-1)).toMatchObject({ action: 'allow', source: null });
    const trunk = bound({ subports: [{ portId: 's', networkId: 'n', tag: 9, inherits: false, segment: null }] });
    expect(filtersOf(trunk, ABLE)).toEqual({ in: null, out: null });
    expect(filtersOf(trunk, KNOWING).in).not.toBeNull();
  });

  it('statefully at switches that know connections, with a guard of who it is', () => {
    const groups = [{ id: 'g', stateful: true }];
    expect(verdicts({ abilities: KNOWING, groups })).toEqual(['stateful', 'stateful']);
    expect(verdicts({ abilities: KNOWING })).toEqual(['stateless', 'stateless']);
    const pairs = [{ ip_address: '10.0.0.9', mac_address: '52:54:00:AA:00:09' }];
    expect(filtersOf(bound({ groups, pairs, rules: [rule()] }), KNOWING)).toMatchObject({
      stateful: true,
      guard: {
        hosts: [
          { mac: '52:54:00:aa:00:01', ips: ['10.0.0.5/32'] },
          { mac: '52:54:00:aa:00:09', ips: ['10.0.0.9/32'] },
        ],
      },
    });
  });

  it('a filter says nothing twice, which some switches refuse', () => {
    const twice = [rule(), rule({ id: 'again' })];
    const filters = filtersOf(bound({ rules: twice }), { ...ABLE, icmpTypes: false });
    for (const rules of [filters.in ?? [], filters.out ?? []]) {
      expect(rules.length).toBeGreaterThan(0);
      expect(new Set(rules.map((one) => JSON.stringify(one))).size).toBe(rules.length);
    }
    const only = { ...ABLE, acl: ['in'] as const };
    expect(filtersOf(bound({ rules: twice }), only).out).toBeNull();
  });

  it('a filter of stateless groups says what they say, and no more', () => {
    const rules = [
      rule({ remotes: ['10.1.0.0/16', 'fd00::/8'] }),
      rule({ id: 'e', direction: 'egress', remotes: ['10.2.0.0/16'] }),
    ];
    const filters = filtersOf(bound({ rules }), ABLE);
    expect(filters?.out?.at(-1)).toEqual({
      action: 'allow',
      family: 4,
      protocol: 'tcp',
      source: '10.1.0.0/16',
      destination: null,
      ports: [22, 22],
    });
    expect(filters?.out?.some(({ source }) => source === 'fd00::/8')).toBe(false);
    expect(filters?.in?.at(-1)).toMatchObject({ source: '10.0.0.5/32', destination: '10.2.0.0/16', ports: [22, 22] });
  });
});
