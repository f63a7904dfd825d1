import { describe, expect, it } from 'vitest';
import { systemClock } from '#kernel/clock';
import { silentLog } from '#platform/log';
import { createDrivers } from './registry.ts';

describe('what kinds of switch filter', () => {
  const drivers = createDrivers({ clock: systemClock, log: silentLog });
  const acl = (driver: string, platform: string | null, filters?: string) => {
    const one = drivers.of(driver, platform);
    const options: Record<string, string> = filters === undefined ? {} : { filters };
    return (one.abilitiesWith?.(options) ?? one.abilities).acl.join();
  };

  it('is what all models of a kind can, unless it is said', () => {
    expect(Object.fromEntries(drivers.platforms.map(({ name }) => [name, acl('ssh', name)]))).toEqual({
      arista_eos: 'in,out',
      aruba_aoscx: 'in',
      cisco_ios: 'in',
      cisco_nxos: 'in',
      cumulus_nvue: 'in,out',
      dell_os10: 'in,out',
      hpe_procurve: 'in',
      juniper_junos: 'in,out',
      sonic: 'in,out',
    });
    expect([acl('netconf', null), acl('gnmi', null), acl('ovs', null)]).toEqual(['', '', '']);
  });

  it('is less where the option says so, and never more than the kind can', () => {
    expect([acl('ssh', 'sonic', 'in'), acl('ssh', 'sonic', 'none')]).toEqual(['in', '']);
    expect([acl('ssh', 'aruba_aoscx', 'in,out'), acl('ssh', 'cisco_ios', 'in,out')]).toEqual(['in,out', 'in']);
    expect([acl('netconf', null, 'in'), acl('gnmi', null, 'in,out')]).toEqual(['in', 'in,out']);
    expect(drivers.of('gnmi', null).abilitiesWith?.({ filters: 'in' }).icmpTypes).toBe(false);
  });
});
