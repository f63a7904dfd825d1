import { expect, it } from 'vitest';
import { inspectorData, withoutMade } from './data.ts';

const inventory = {
  cpu: { count: 8, architecture: 'x86_64' },
  memory: { physical_mb: 4096 },
  disks: [{ name: '/dev/sda', size: 10 * 1024 ** 3 }],
  interfaces: [
    { name: 'eth0', mac_address: '52:54:00:00:00:01', ipv4_address: '10.0.0.5' },
    { name: 'eth1', mac_address: '52:54:00:00:00:02' },
    { mac_address: 'nameless' },
  ],
  bmc_address: '10.1.0.1',
  boot: { pxe_interface: '01-52-54-00-00-00-02' },
};

it('says what inspector’s hooks made of an inventory', () => {
  const data = inspectorData(inventory, { root_disk: { name: '/dev/sda' } });
  expect(data).toEqual({
    all_interfaces: {
      eth0: { mac: '52:54:00:00:00:01', ip: '10.0.0.5', client_id: null, pxe: false },
      eth1: { mac: '52:54:00:00:00:02', ip: null, client_id: null, pxe: true },
    },
    interfaces: { eth1: { mac: '52:54:00:00:00:02', ip: null, client_id: null, pxe: true } },
    macs: ['52:54:00:00:00:02'],
    cpus: 8,
    cpu_arch: 'x86_64',
    memory_mb: 4096,
    local_gb: 9,
    ipmi_address: '10.1.0.1',
    ipmi_v6address: null,
    root_disk: { name: '/dev/sda' },
    inventory,
  });
  expect(Object.keys(withoutMade(data))).toEqual(['root_disk', 'inventory']);
});

it('bears an inventory with nothing in it, and lets plugin data speak for itself', () => {
  expect(inspectorData({}, { cpus: 3 })).toMatchObject({ all_interfaces: {}, macs: [], cpus: 3, memory_mb: null });
  const nics = { interfaces: [{ name: 'a', mac_address: 'x' }] };
  expect(inspectorData(nics, {})).toMatchObject({ interfaces: { a: { mac: 'x' } }, macs: ['x'] });
});
