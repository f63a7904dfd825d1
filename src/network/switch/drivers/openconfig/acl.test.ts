import { describe, expect, it } from 'vitest';
import type { AclRule } from '#contracts/switches';
import { FOREIGN_FILTER, NO_FILTER } from '../../model/config.ts';
import { access } from '../../conformance/subject.ts';
import { filterEdits, filtersAt } from './acl.ts';
import { readAcls } from './acl-read.ts';

const any = { protocol: 'any', source: null, destination: null, ports: null } as const;
const RULES: AclRule[] = [{ ...any, action: 'allow', family: 4, protocol: 'udp', ports: [67, 67] }];
const set = (name: string, family: 4 | 6, entries: object[]) => ({
  name,
  type: `openconfig-acl:ACL_IPV${family}`,
  'acl-entries': { 'acl-entry': entries },
});
const drop = (n: number) => ({ 'sequence-id': n, actions: { config: { 'forwarding-action': 'DROP' } } });
const bound = (id: string, names: string[]) => ({
  id,
  'interface-ref': { config: { interface: 'Ethernet1' } },
  'ingress-acl-sets': {
    'ingress-acl-set': names.map((name) => ({ 'set-name': name, type: `ACL_IPV${name.slice(-1)}` })),
  },
});
const NAMES = ['INGOT-Ethernet1-IN4', 'INGOT-Ethernet1-IN6'];
const acl = (interfaces: object[], first: object[] = [drop(10)]) =>
  readAcls({
    'acl-sets': { 'acl-set': [set(NAMES[0] as string, 4, first), set(NAMES[1] as string, 6, [drop(10)])] },
    interfaces: { interface: interfaces },
  });

describe('openconfig-acl', () => {
  it('reads a port under whatever key it stands', () => {
    expect(filtersAt(acl([bound('Ethernet1.0', NAMES)]), 'Ethernet1')).toMatchObject({ in: [], out: null });
    expect(filtersAt(acl([]), 'Ethernet1')).toMatchObject(NO_FILTER);
  });

  it('tells what others made from ours', () => {
    const bootp = {
      'sequence-id': 5,
      ipv4: { config: { protocol: 'oc-pkt:IP_UDP' } },
      transport: { config: { 'destination-port': 67, 'source-port': 'ANY' } },
      actions: { config: { 'forwarding-action': 'ACCEPT' } },
    };
    expect(filtersAt(acl([bound('x', NAMES)], [drop(10), bootp]), 'Ethernet1').in).toEqual(RULES);
    const dscp = { ...bootp, ipv4: { config: { protocol: 17, dscp: 3 } } };
    for (const strange of [
      acl([bound('x', NAMES)], [bootp]),
      acl([bound('x', NAMES)], [dscp, drop(10)]),
      acl([bound('x', NAMES.slice(0, 1))]),
      acl([bound('x', [...NAMES, 'THEIRS4'])]),
    ]) {
      expect(filtersAt(strange, 'Ethernet1')).toMatchObject(FOREIGN_FILTER);
    }
  });

  it('puts ours in the place of all there is, and leaves nothing of ours behind', () => {
    const from = access(10, { acl: filtersAt(acl([bound('theirs', NAMES)]), 'Ethernet1') });
    const edit = (to: Parameters<typeof access>[1]) =>
      filterEdits({ vlans: [], lags: [], ports: [{ port: 'Ethernet1', from, to: access(10, to) }] }, String)[0];
    expect(edit({ acl: { in: RULES, out: null } })).toMatchObject({ known: false, others: ['theirs'], unused: [] });
    expect(edit({ acl: NO_FILTER })).toMatchObject({
      bound: [],
      others: ['theirs'],
      unused: NAMES.map((name) => ({ name })),
    });
    expect(edit({ acl: { in: [], out: null } })).toBeUndefined();
    expect(edit({ acl: null })).toBeUndefined();
  });
});
