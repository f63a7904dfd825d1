import { describe, expect, it } from 'vitest';
import { parseDnsmasqLine } from './log.ts';

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

  it('is passed over where it tells nothing of a machine', () => {
    for (const line of ['', 'dnsmasq[7]: started, version 2.90 DNS disabled', 'dnsmasq-dhcp[7]: read /x/hosts/1'])
      expect(parseDnsmasqLine(line)).toBeNull();
  });
});
