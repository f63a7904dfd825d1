import { describe, expect, it } from 'vitest';
import { dnsmasqLogReader, parseDnsmasqLine } from './log.ts';

describe("dnsmasq's log", () => {
  it('tells what machines asked for', () => {
    const parse = parseDnsmasqLine;
    expect(parse('Nov 28 23:35:27 dnsmasq-dhcp[7]: 1234 DHCPDISCOVER(prov0) 52:54:00:00:00:01 ')).toEqual({
      kind: 'dhcp',
      what: 'DHCPDISCOVER',
      mac: '52:54:00:00:00:01',
      address: null,
      detail: '',
    });
    expect(parse('dnsmasq-dhcp: DHCPDISCOVER(prov0) 52:54:00:00:00:01 ignored')).toMatchObject({ detail: 'ignored' });
    expect(parse('dnsmasq-dhcp[9]: 99 DHCPACK(prov0) 10.9.0.229 52:54:00:00:00:01 lab1')).toMatchObject({
      what: 'DHCPACK',
      mac: '52:54:00:00:00:01',
      address: '10.9.0.229',
      detail: 'lab1',
    });
    expect(parse('dnsmasq-dhcp: 5 DHCPREPLY(prov0) fd00:9::1ab 00:01:00:01')).toMatchObject({ address: 'fd00:9::1ab' });
    expect(parse('dnsmasq-tftp[9]: sent /x/tftp/snponly.efi to 10.9.0.229')).toEqual({
      kind: 'tftp',
      what: 'sent',
      file: '/x/tftp/snponly.efi',
      address: '10.9.0.229',
    });
    expect(parse('dnsmasq-tftp: file /x/none not found for 10.9.0.229')).toMatchObject({
      what: 'missing',
      file: '/x/none',
    });
    expect(parse('dnsmasq-tftp: failed sending /x/a to 10.9.0.229')).toMatchObject({ what: 'failed' });
  });

  it('tells whose DHCPv6 request it is by the line before, and takes no DUID for a MAC', () => {
    const read = dnsmasqLogReader();
    const duid = '00:04:67:24:45:eb:91:ec:0c:42:b7:3d:4f:64:45:af:31:74';
    const dhcp = { kind: 'dhcp', mac: '52:00:37:e1:0a:a0', detail: '' };
    expect(read('Nov 30 04:10:49 dnsmasq-dhcp[46]: 1336 client MAC address: 52:00:37:E1:0A:A0')).toBeNull();
    expect(read(`Nov 30 04:10:49 dnsmasq-dhcp[46]: 1336 DHCPSOLICIT(prov0) ${duid} `)).toEqual({
      ...dhcp,
      what: 'DHCPSOLICIT',
      address: null,
    });
    expect(read(`dnsmasq-dhcp[46]: 1336 DHCPREPLY(prov0) fd00:9::f719:2756 ${duid} `)).toEqual({
      ...dhcp,
      what: 'DHCPREPLY',
      address: 'fd00:9::f719:2756',
    });
    expect(read(`dnsmasq-dhcp[46]: 1336 DHCPSOLICIT(prov0) ${duid} ignored`)).toMatchObject({ detail: 'ignored' });
    // Another request, of which nothing was told before.
    expect(read(`dnsmasq-dhcp[46]: 77 DHCPSOLICIT(prov0) ${duid} `)).toMatchObject({ mac: null });
    expect(read('dnsmasq-dhcp[46]: 1336 DHCPACK(prov0) 10.9.0.229 52:54:00:00:00:01')).toMatchObject({
      mac: '52:54:00:00:00:01',
    });
  });

  it('is passed over where it tells nothing of a machine', () => {
    for (const line of ['', 'dnsmasq[7]: started, version 2.90 DNS disabled', 'dnsmasq-dhcp[7]: read /x/hosts/1'])
      expect(parseDnsmasqLine(line)).toBeNull();
  });
});
