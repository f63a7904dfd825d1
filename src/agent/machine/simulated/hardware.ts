/** A disk of a simulated machine. */
export interface SimulatedDisk {
  /** `nvme0n1`, `sda`, `vda` */
  name: string;
  size: number;
  serial?: string;
  model?: string;
  wwid?: string;
  rotational?: boolean;
  readOnly?: boolean;
}

export interface SimulatedNic {
  name: string;
  mac: string;
  speed?: number;
  carrier?: boolean;
}

/** What a simulated machine is made of. */
export interface SimulatedHardware {
  disks: readonly SimulatedDisk[];
  nics: readonly SimulatedNic[];
  cpus?: number;
  memoryMb?: number;
  uefi?: boolean;
  vendor?: string;
  product?: string;
  serial?: string;
  /** Address and MAC of its BMC, as in-band IPMI tells them. */
  bmc?: { address: string; mac: string };
}

/** sysfs and procfs of such a machine: path → text. */
export function treeOf(hardware: SimulatedHardware): { files: Map<string, string>; links: Map<string, string> } {
  const files = new Map<string, string>();
  const links = new Map<string, string>();
  const cpus = hardware.cpus ?? 4;
  const processor = (i: number) =>
    `processor\t: ${i}\nmodel name\t: Simulated CPU\ncpu MHz\t\t: 2400.000\nphysical id\t: 0\nflags\t\t: fpu aes vmx\n`;
  files.set('/proc/cpuinfo', Array.from({ length: cpus }, (_, i) => processor(i)).join('\n'));
  files.set('/proc/sys/kernel/arch', 'x86_64');
  files.set('/proc/sys/kernel/hostname', 'simulated');
  const kib = (hardware.memoryMb ?? 8192) * 1024;
  files.set('/proc/meminfo', `MemTotal: ${kib} kB\nMemAvailable: ${kib} kB\n`);
  files.set('/sys/class/dmi/id/sys_vendor', hardware.vendor ?? 'Ingot');
  files.set('/sys/class/dmi/id/product_name', hardware.product ?? 'Simulated machine');
  files.set('/sys/class/dmi/id/product_serial', hardware.serial ?? 'SIM0001');
  files.set('/sys/class/dmi/id/bios_vendor', 'Ingot');
  files.set('/sys/class/dmi/id/bios_version', '1.0');
  files.set('/sys/class/dmi/id/bios_date', '01/01/2026');
  if (hardware.uefi !== false) files.set('/sys/firmware/efi/fw_platform_size', '64');
  if (hardware.bmc !== undefined) files.set('/dev/ipmi0', '');
  hardware.disks.forEach((disk, i) => addDisk(disk, i, files, links));
  hardware.nics.forEach((nic, i) => addNic(nic, i, files, links));
  return { files, links };
}

function addDisk(disk: SimulatedDisk, i: number, files: Map<string, string>, links: Map<string, string>): void {
  const at = `/sys/block/${disk.name}`;
  const pci = `/sys/devices/pci0000:00/0000:00:${(0x10 + i).toString(16)}.0`;
  const real = disk.name.startsWith('nvme')
    ? `${pci}/nvme/${disk.name.replace(/n\d+$/, '')}/${disk.name}`
    : disk.name.startsWith('vd')
      ? `${pci}/virtio${i}/block/${disk.name}`
      : `${pci}/ata${i + 1}/host${i}/target${i}:0:0/${i}:0:0:0/block/${disk.name}`;
  links.set(at, real);
  links.set(`${at}/device`, real.replace(/\/(block\/)?[^/]+$/, ''));
  links.set(`/dev/${disk.name}`, `/dev/${disk.name}`);
  const text: Readonly<Record<string, string | undefined>> = {
    size: String(Math.floor(disk.size / 512)),
    ro: disk.readOnly === true ? '1' : '0',
    removable: '0',
    'queue/rotational': disk.rotational === true ? '1' : '0',
    'queue/logical_block_size': '512',
    'queue/physical_block_size': '512',
    serial: disk.serial ?? `SIM-${disk.name}`,
    'device/model': disk.model ?? 'Simulated disk',
    wwid: disk.wwid,
  };
  for (const [name, value] of Object.entries(text)) if (value !== undefined) files.set(`${at}/${name}`, value);
}

function addNic(nic: SimulatedNic, i: number, files: Map<string, string>, links: Map<string, string>): void {
  const at = `/sys/class/net/${nic.name}`;
  const pci = `0000:00:${(0x03 + i).toString(16).padStart(2, '0')}.0`;
  links.set(`${at}/device`, `/sys/devices/pci0000:00/${pci}`);
  links.set(`${at}/device/driver`, '/sys/bus/pci/drivers/simulated');
  files.set(`${at}/address`, nic.mac.toLowerCase());
  files.set(`${at}/type`, '1');
  files.set(`${at}/carrier`, nic.carrier === false ? '0' : '1');
  files.set(`${at}/speed`, String(nic.speed ?? 10_000));
  files.set(`/sys/bus/pci/devices/${pci}/vendor`, '0x1af4');
  files.set(`/sys/bus/pci/devices/${pci}/device`, '0x1041');
  files.set(`/sys/bus/pci/devices/${pci}/class`, '0x020000');
  files.set(`/sys/bus/pci/devices/${pci}/revision`, '0x01');
}
