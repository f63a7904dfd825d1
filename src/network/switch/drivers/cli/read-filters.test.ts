import { describe, expect, it } from 'vitest';
import { FOREIGN_FILTER } from '../../model/config.ts';
import { arubaAoscx } from './platforms/aruba.ts';
import { readEntries } from './read-filters.ts';
import { readJunosFilters } from './read-junos-filters.ts';
import { readNvueFilters } from './read-nvue-filters.ts';
import { readSonicFilters } from './read-sonic-filters.ts';

const DENY = (family: 4 | 6) => ({
  action: 'deny',
  family,
  protocol: 'any',
  source: null,
  destination: null,
  ports: null,
});
const ALLOW = { ...DENY(4), action: 'allow' };

describe('filters others made are told from ours', () => {
  const junos = (terms: readonly string[]) => {
    const filter = terms.map((term) => `set firewall family ethernet-switching filter F term ${term}`);
    const text = [...filter, 'set interfaces ge-0/0/1 unit 0 family ethernet-switching filter input F'].join('\n');
    return readJunosFilters(text)('ge-0/0/1');
  };
  const closing = [4, 6].flatMap((v) => [`T${v} from ether-type ipv${v}`, `T${v} then discard`]);

  it('on Junos', () => {
    expect(junos([...closing, 'REST then accept'])).toMatchObject({ in: [], out: null });
    const ping = ['A from ether-type ipv4', 'A from ip-version ipv4 ip-protocol icmp', 'A then accept'];
    expect(junos([...ping, ...closing, 'REST then accept'])).toMatchObject({ in: [{ ...ALLOW, protocol: 'icmp' }] });
    for (const strange of [
      // Nothing lets ARP pass; nothing ends IPv6; a condition of two values; a word, a counter of others.
      [...closing],
      [...closing.slice(0, 2), 'REST then accept'],
      [...ping, 'A from ip-version ipv4 ip-protocol tcp', ...closing, 'REST then accept'],
      ['A from ether-type ipv4', 'A from dscp 12', 'A then accept', ...closing, 'REST then accept'],
      [...ping, 'A then count seen', ...closing, 'REST then accept'],
    ]) {
      expect(junos(strange), strange.join('; ')).toMatchObject(FOREIGN_FILTER);
    }
  });

  it('on Cumulus, whichever release wrote them', () => {
    const nvue = (lines: readonly string[]) =>
      readNvueFilters(
        ['nv set acl A type ipv4', 'nv set acl B type ipv6', 'nv set acl B rule 10 action deny', ...lines].join('\n'),
        (names) => names.split(','),
      )('swp1');
    const both = ['nv set interface swp1,swp2 acl A inbound', 'nv set interface swp1 acl B inbound'];
    const web = ['nv set acl A rule 9 match ip protocol tcp', 'nv set acl A rule 9 match ip dest-port 80'];
    const rest = ['nv set acl A rule 9 action permit', 'nv set acl A rule 10 action deny'];
    const allowed = { in: [{ ...ALLOW, protocol: 'tcp', ports: [80, 80] }], out: null };
    expect(nvue([...both, ...web, ...rest])).toMatchObject(allowed);
    expect(nvue([...both, ...web, ...rest, 'nv set acl A rule 9 match ip source-port 7'])).toMatchObject(
      FOREIGN_FILTER,
    );
    expect(nvue([...both, ...web])).toMatchObject(FOREIGN_FILTER);
    expect(nvue([both[0] as string, ...web, ...rest])).toMatchObject(FOREIGN_FILTER);
  });

  it('on SONiC, whose mirrors and services are no filters', () => {
    const table = (type: string) => ({ type, stage: 'ingress', ports: ['Ethernet0'] });
    const rules = {
      'A|R1': { PRIORITY: '1', PACKET_ACTION: 'DROP' },
      'B|R1': { PRIORITY: '1', PACKET_ACTION: 'DROP' },
    };
    const read = (tables: Record<string, object>, more = {}) =>
      readSonicFilters(tables as Parameters<typeof readSonicFilters>[0], { ...rules, ...more })('Ethernet0');
    const both = { A: table('L3'), B: table('L3V6') };
    expect(read({ ...both, M: table('MIRROR') })).toMatchObject({ in: [], out: null });
    expect(read({ ...both, C: table('L3V4V6') })).toMatchObject(FOREIGN_FILTER);
    expect(read(both, { 'A|R0': { PRIORITY: '9', PACKET_ACTION: 'FORWARD', DSCP: '3' } })).toMatchObject(
      FOREIGN_FILTER,
    );
    expect(read({ A: table('L3') })).toMatchObject(FOREIGN_FILTER);
  });

  it('on AOS-CX, and what its hardware did not take', () => {
    const acl = arubaAoscx.acl;
    if (acl === undefined) throw new TypeError('it has filters');
    const lines = ['10 permit tcp 10.1.0.0/255.255.0.0 10.0.0.5 eq 22', '20 deny any any any'];
    expect(readEntries(acl, 4, lines)).toEqual([
      { ...ALLOW, protocol: 'tcp', source: '10.1.0.0/16', destination: '10.0.0.5/32', ports: [22, 22] },
    ]);
    const warning = '! access-list ip A user configuration does not match active configuration.';
    expect(readEntries(acl, 4, [...lines, warning])).toBeUndefined();
    expect(readEntries(acl, 4, ['10 permit tcp 10.1.0.0/255.0.255.0 any', '20 deny any any any'])).toBeUndefined();
  });
});
