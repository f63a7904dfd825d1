import type { MachineSpec } from '../../spec.ts';

/** A disk of a machine as its agent sees it. */
export interface SeenDisk {
  id: string;
  name: string;
  size: number;
  serial: string;
  model: string;
}

export function disksOf(spec: MachineSpec): SeenDisk[] {
  let sata = 0;
  let nvme = 0;
  return spec.disks.map((disk) => ({
    id: disk.id,
    name: disk.bus === 'nvme' ? `/dev/nvme${nvme++}n1` : `/dev/sd${String.fromCharCode(97 + sata++)}`,
    size: disk.sizeBytes,
    serial: disk.serial,
    model: disk.model,
  }));
}

/** The report of an inspection, in the shape and with the names of ironic-python-agent. */
export function reportOf(spec: MachineSpec, bootMac: string | null, plain: boolean): Record<string, unknown> {
  const disks = disksOf(spec).map((disk) => ({
    name: disk.name,
    model: disk.model,
    size: disk.size,
    rotational: false,
    wwn: null,
    serial: disk.serial,
    vendor: null,
    wwn_with_extension: null,
    wwn_vendor_extension: null,
    hctl: null,
    by_path: null,
    logical_sectors: 512,
    physical_sectors: 512,
    tran: disk.name.startsWith('/dev/nvme') ? 'nvme' : 'sata',
  }));
  const pxe = bootMac === null ? null : `01-${bootMac.replaceAll(':', '-')}`;
  return {
    inventory: {
      interfaces: spec.nics.map((nic, i) => ({
        name: `enp${i + 1}s0`,
        mac_address: nic.mac,
        ipv4_address: null,
        ipv6_address: null,
        has_carrier: true,
        lldp: null,
        vendor: '0x1af4',
        product: '0x0001',
        client_id: null,
        biosdevname: null,
        speed_mbps: nic.speedMbps,
        pci_address: `0000:00:0${i + 3}.0`,
        driver: 'virtio_net',
      })),
      cpu: {
        model_name: 'Simulated CPU',
        frequency: '2400.0',
        count: spec.cpus,
        architecture: 'x86_64',
        flags: ['fpu', 'vmx'],
        socket_count: 1,
      },
      disks,
      memory: { total: spec.memoryMiB * 1024 ** 2, physical_mb: spec.memoryMiB },
      bmc_address: '0.0.0.0',
      bmc_v6address: '::/0',
      system_vendor: {
        product_name: spec.model,
        serial_number: spec.serialNumber,
        manufacturer: spec.manufacturer,
        firmware: { vendor: 'Ingot Lab', version: '1.0', build_date: '01/01/2026' },
      },
      boot: { current_boot_mode: spec.firmware.mode, pxe_interface: pxe },
      hostname: spec.name,
    },
    root_disk: [...disks].sort((a, b) => a.size - b.size)[0] ?? null,
    boot_interface: pxe,
    configuration: {
      collectors: ['default', 'logs'],
      managers: [{ name: plain ? 'generic_hardware_manager' : 'ingot', version: '1.2' }],
    },
    logs: '',
    error: null,
  };
}
