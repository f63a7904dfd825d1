import { createHash } from 'node:crypto';
import { errors } from '../errors.ts';
import type { FirmwareMode } from './contract.ts';

const GIB = 1024 ** 3;

/** A physical disk in the machine. */
export interface DiskSpec {
  id: string;
  bus: 'nvme' | 'sata';
  sizeBytes: number;
  /** Behind the RAID controller: volumes may be made of it. Only SATA disks. */
  raid: boolean;
  serial: string;
  model: string;
}

/** Where a NIC's cable goes. */
export type NicLink =
  | { kind: 'none' }
  /** QEMU's own NAT network with its DHCP and TFTP; for machines without a switch. */
  | { kind: 'user'; tftpDir?: string; bootFile?: string }
  /** An existing tap interface, a port of the emulated switch. */
  | { kind: 'tap'; ifname: string };

export interface NicSpec {
  id: string;
  mac: string;
  model: 'virtio' | 'e1000e';
  speedMbps: number;
  link: NicLink;
}

/** A kernel the machine starts when its firmware boots "from disk": a stand-in for an installed system. */
export interface DirectKernel {
  kernel: string;
  initrd: string;
  commandLine: string;
}

/** Everything that makes one machine what it is; plain data. */
export interface MachineSpec {
  name: string;
  uuid: string;
  serialNumber: string;
  assetTag: string;
  manufacturer: string;
  model: string;
  sku: string;
  cpus: number;
  memoryMiB: number;
  firmware: { mode: FirmwareMode; modes: readonly FirmwareMode[]; secureBoot: boolean; ip6Only: boolean };
  disks: readonly DiskSpec[];
  nics: readonly NicSpec[];
  tpm: boolean;
  vnc: boolean;
  /** Its console over SSH at the BMC: at once, or behind a prompt. */
  ssh: 'direct' | 'command' | null;
  directKernel: DirectKernel | null;
}

/** What a caller says of a machine; the rest is filled in, the same every time for the same name. */
export interface MachineWish {
  name: string;
  uuid?: string;
  serialNumber?: string;
  assetTag?: string;
  manufacturer?: string;
  model?: string;
  sku?: string;
  cpus?: number;
  memoryMiB?: number;
  mode?: FirmwareMode;
  /** Firmware with Secure Boot (UEFI only; slower, it needs system management mode). Default false. */
  secureBoot?: boolean;
  /** Certificates (PEM) whose programs its Secure Boot starts, beside those of the vendor's. */
  certificates?: readonly string[];
  /** UEFI firmware whose own network stack speaks IPv6 and no IPv4, and boots by nothing else. Default false. */
  ip6Only?: boolean;
  disks?: readonly (Partial<DiskSpec> & { bus: DiskSpec['bus'] })[];
  nics?: readonly Partial<NicSpec>[];
  tpm?: boolean;
  vnc?: boolean;
  ssh?: 'direct' | 'command';
  directKernel?: DirectKernel;
}

/**
 * Completes a wish. Serial numbers, UUID and MACs derive from the name, so that a lab started again has the
 * same machines. Throws LabBadSpec.
 */
export function machineSpec(wish: MachineWish): MachineSpec {
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(wish.name)) throw errors.LabBadSpec(`the name ${JSON.stringify(wish.name)}`);
  const seed = createHash('sha256').update(`ingot-lab:${wish.name}`).digest();
  const hex = seed.toString('hex');
  const serialNumber = wish.serialNumber ?? `LAB${hex.slice(0, 8).toUpperCase()}`;
  const mode = wish.mode ?? 'uefi';
  const cpus = wish.cpus ?? 1;
  const memoryMiB = wish.memoryMiB ?? 1024;
  if (cpus < 1 || cpus > 64) throw errors.LabBadSpec(`${cpus} processors`);
  if (memoryMiB < 64) throw errors.LabBadSpec(`${memoryMiB} MiB of memory`);
  if (wish.secureBoot && mode !== 'uefi') throw errors.LabBadSpec('Secure Boot needs UEFI');
  if (wish.certificates !== undefined && !wish.secureBoot)
    throw errors.LabBadSpec('certificates are of use with Secure Boot only');
  if (wish.ip6Only && mode !== 'uefi') throw errors.LabBadSpec('network boot over IPv6 needs UEFI');
  const spec: MachineSpec = {
    name: wish.name,
    uuid: wish.uuid ?? uuidFrom(seed),
    serialNumber,
    assetTag: wish.assetTag ?? '',
    manufacturer: wish.manufacturer ?? 'Ingot Lab',
    model: wish.model ?? 'Emulated Server',
    sku: wish.sku ?? `SKU-${hex.slice(8, 14).toUpperCase()}`,
    cpus,
    memoryMiB,
    firmware: {
      mode,
      modes: ['uefi', 'bios'],
      secureBoot: wish.secureBoot ?? false,
      ip6Only: wish.ip6Only ?? false,
    },
    disks: (wish.disks ?? DEFAULT_DISKS).map((disk, i) => ({
      id: disk.id ?? `${disk.bus}${i}`,
      bus: disk.bus,
      sizeBytes: disk.sizeBytes ?? 8 * GIB,
      raid: disk.raid ?? false,
      serial: disk.serial ?? `${serialNumber}D${i}`,
      model: disk.model ?? (disk.bus === 'nvme' ? 'LAB NVMe 8G' : 'LAB SATA 8G'),
    })),
    nics: (wish.nics ?? [{}, {}]).map((nic, i) => ({
      id: nic.id ?? `nic${i}`,
      mac: (nic.mac ?? macFrom(seed, i)).toLowerCase(),
      model: nic.model ?? 'virtio',
      speedMbps: nic.speedMbps ?? 10_000,
      link: nic.link ?? { kind: 'none' },
    })),
    tpm: wish.tpm ?? false,
    vnc: wish.vnc ?? false,
    ssh: wish.ssh ?? null,
    directKernel: wish.directKernel ?? null,
  };
  for (const disk of spec.disks) {
    if (disk.raid && disk.bus !== 'sata') throw errors.LabBadSpec(`disk ${disk.id}: only SATA disks sit behind RAID`);
  }
  if (spec.nics.length > 16) throw errors.LabBadSpec('more than 16 NICs');
  const ids = [...spec.disks.map((d) => d.id), ...spec.nics.map((n) => n.id)];
  if (new Set(ids).size !== ids.length) throw errors.LabBadSpec('two devices with one id');
  return spec;
}

const DEFAULT_DISKS: NonNullable<MachineWish['disks']> = [{ bus: 'nvme' }, { bus: 'sata' }];

function uuidFrom(seed: Buffer): string {
  const b = Buffer.from(seed.subarray(0, 16));
  b[6] = ((b[6] ?? 0) & 0x0f) | 0x40;
  b[8] = ((b[8] ?? 0) & 0x3f) | 0x80;
  const h = b.toString('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
}

/** Locally administered; 36 bits of the name's hash, and the last four count the machine's NICs. */
function macFrom(seed: Buffer, index: number): string {
  const tail = [...seed.subarray(20, 24), ((seed[24] ?? 0) & 0xf0) | (index & 0x0f)];
  return ['52', ...tail.map((b) => b.toString(16).padStart(2, '0'))].join(':');
}
