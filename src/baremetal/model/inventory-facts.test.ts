import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INSPECTED_TRAITS, inventoryFacts, mergeCapabilities } from './inventory-facts.ts';
import { isTrait } from './traits.ts';

describe('facts of an inventory', () => {
  it('names CPU, memory, drives by type and size, NIC speed and fabrics', () => {
    const facts = inventoryFacts({
      cpu: { count: 64, architecture: 'x86_64', flags: ['vmx', 'aes'], socket_count: 2 },
      memory: { physical_mb: 262144 },
      disks: [
        { name: '/dev/sda', size: 480e9, rotational: false },
        { name: '/dev/nvme0n1', size: 3.84e12, rotational: false, tran: 'nvme' },
        { name: '/dev/nvme1n1', size: 3.84e12, rotational: false, tran: 'nvme' },
        { name: '/dev/sdb', size: 16e12, rotational: true },
      ],
      interfaces: [
        { mac_address: '52:54:00:00:00:01', speed_mbps: 25000 },
        { mac_address: '52:54:00:00:00:02', speed_mbps: 100000, rdma: true },
        { mac_address: '52:54:00:00:00:03', link_layer: 'InfiniBand', speed_mbps: 200000 },
      ],
      boot: { current_boot_mode: 'uefi' },
    });
    expect(facts.properties).toEqual({ cpus: '64', cpu_arch: 'x86_64', memory_mb: '262144', local_gb: '446' });
    expect(facts.traits).toEqual([
      'CUSTOM_CPU_64',
      'CUSTOM_DISK_HDD',
      'CUSTOM_DISK_HDD_16000G',
      'CUSTOM_DISK_NVME',
      'CUSTOM_DISK_NVME_3840G',
      'CUSTOM_DISK_SSD',
      'CUSTOM_DISK_SSD_480G',
      'CUSTOM_MEMORY_256G',
      'CUSTOM_NIC_100G',
      'CUSTOM_NIC_200G',
      'CUSTOM_NIC_25G',
      'CUSTOM_NIC_INFINIBAND',
      'CUSTOM_NIC_ROCE',
    ]);
    expect(facts.capabilities).toMatchObject({
      disk_nvme_count: '2',
      infiniband: 'true',
      roce: 'true',
      nic_speed_mbps: '200000',
      boot_mode: 'uefi',
    });
  });

  it('takes whatever a machine reports, and gives only traits that are traits', () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            cpu: fc.anything(),
            memory: fc.anything(),
            disks: fc.oneof(fc.anything(), fc.array(fc.record({ size: fc.anything(), name: fc.anything() }))),
            interfaces: fc.oneof(
              fc.anything(),
              fc.array(fc.record({ speed_mbps: fc.double(), mac_address: fc.anything() })),
            ),
          },
          { requiredKeys: [] },
        ),
        (inventory) => {
          const { traits } = inventoryFacts(JSON.parse(JSON.stringify(inventory)) as never);
          for (const trait of traits) expect(isTrait(trait) && INSPECTED_TRAITS.test(trait), trait).toBe(true);
        },
      ),
    );
  });

  it('keeps capabilities it did not find', () => {
    expect(mergeCapabilities('a:1,boot_mode:bios', { boot_mode: 'uefi' })).toBe('a:1,boot_mode:uefi');
    expect(mergeCapabilities(undefined, { x: '1' })).toBe('x:1');
  });
});
