import { constants } from 'node:os';
import type { BootDevice, BootPlan, MediaSlot, Medium, PresentedDisk } from '../contract.ts';
import type { MachineSpec, NicSpec } from '../spec.ts';
import { codeFile } from './firmware.ts';

/** Files and sockets of one machine; `dir` is its folder, short enough for unix sockets. */
export interface MachinePaths {
  dir: string;
  qmp: string;
  /** QEMU connects here with the guest's serial line. */
  guestSerial: string;
  vnc: string;
  variables: string;
  tpm: string;
  /** QEMU connects here with the in-band IPMI interface; null when there is none. */
  ipmi: string | null;
}

export function machinePaths(dir: string, inBandIpmi: boolean): MachinePaths {
  return {
    dir,
    qmp: `${dir}/qmp`,
    guestSerial: `${dir}/guest`,
    vnc: `${dir}/vnc`,
    variables: `${dir}/vars.fd`,
    tpm: `${dir}/tpm`,
    ipmi: inBandIpmi ? `${dir}/ipmi` : null,
  };
}

/** Ids of the devices that take part in the boot order. */
interface BootIds {
  cd: string;
  usb: string;
  disks: readonly string[];
  nics: readonly string[];
}

export const CD_ID = 'cd0';
export const USB_ID = 'usb0';
export const USB_BUS = 'xhci.0';

/** Longer than a card takes to look whether its address is somebody else's: two seconds. */
const IP6_WAIT_MS = 4000;

/** The place of each device the plan names in the firmware's order; the others have none. */
export function bootIndexes(ids: BootIds, order: readonly BootDevice[]): Map<string, number> {
  const indexes = new Map<string, number>();
  let next = 1;
  const put = (devices: readonly string[]) => {
    for (const id of devices) if (!indexes.has(id)) indexes.set(id, next++);
  };
  for (const device of order) {
    if (device === 'disk') put(ids.disks);
    else if (device === 'network' || device === 'http') put(ids.nics);
    else if (device === 'cd') put([ids.cd]);
    else if (device === 'usb') put([ids.usb]);
    else if (device !== 'setup') put([device.slice(device.indexOf(':') + 1)]);
  }
  return indexes;
}

/** A direct kernel takes the place of the disk: QEMU starts it before anything else, so only when disks are first. */
function usesDirectKernel(spec: MachineSpec, plan: BootPlan): boolean {
  return spec.directKernel !== null && (plan.order[0]?.startsWith('disk') ?? false);
}

/** The argument array of QEMU for one start of a machine. */
export function qemuArguments(
  spec: MachineSpec,
  plan: BootPlan,
  media: Readonly<Record<MediaSlot, Medium | null>>,
  paths: MachinePaths,
): string[] {
  const ids = { cd: CD_ID, usb: USB_ID, disks: plan.disks.map((d) => d.id), nics: spec.nics.map((n) => n.id) };
  const index = bootIndexes(ids, plan.order);
  const at = (id: string) => (index.get(id) === undefined ? '' : `,bootindex=${index.get(id)}`);
  const smm = plan.mode === 'uefi' && spec.firmware.secureBoot;
  const args = [
    ...['-name', spec.name, '-nodefaults', '-display', 'none', '-no-user-config', '-S'],
    ...['-action', 'reboot=shutdown,shutdown=pause,panic=none,watchdog=reset'],
    // never KVM: on hosts where /dev/kvm opens but nested guests hang, nothing would ever boot
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', String(spec.cpus), '-m', String(spec.memoryMiB)],
    ...['-machine', `q35,graphics=off,smm=${smm ? 'on' : 'off'}`],
    ...['-rtc', 'base=utc', '-uuid', spec.uuid],
    ...smbios(spec),
    ...['-qmp', `unix:${paths.qmp},server=on,wait=off`],
    ...['-chardev', `socket,id=ser,path=${paths.guestSerial},server=off`, '-serial', 'chardev:ser'],
    ...['-device', 'virtio-rng-pci', '-device', 'qemu-xhci,id=xhci'],
  ];
  if (plan.mode === 'uefi') {
    args.push('-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${codeFile(spec.firmware.secureBoot)}`);
    args.push('-drive', `if=pflash,unit=1,format=raw,file=${paths.variables}`);
    if (spec.firmware.ip6Only) args.push('-fw_cfg', 'name=opt/org.tianocore/IPv4Support,string=no');
    // As real firmware does it waits for a key. This one's HTTP boot asks for no address by DHCPv6 before the card's own is
    // known to be nobody else's, and gives up at once (EDK II before May 2025).
    if (spec.firmware.ip6Only && plan.order[0] === 'http') args.push('-boot', `menu=on,splash-time=${IP6_WAIT_MS}`);
  }
  if (smm) args.push('-global', 'driver=cfi.pflash01,property=secure,value=on', '-global', 'ICH9-LPC.disable_s3=1');
  const direct = usesDirectKernel(spec, plan) ? spec.directKernel : null;
  if (direct !== null) {
    args.push('-kernel', direct.kernel, '-initrd', direct.initrd, '-append', direct.commandLine);
  }
  args.push(...diskArguments(plan, paths.dir, at), ...mediaArguments(media, at));
  // UEFI HTTP boot and PXE over IPv6 need OVMF's own network stack; an option ROM would take the card away from it.
  // Before a direct kernel nothing else is tried, and each ROM would only wait two seconds for a key.
  // With Secure Boot on, firmware runs no ROM that nobody signed.
  const own = plan.mode === 'uefi' && (spec.firmware.ip6Only || plan.secureBoot.enabled);
  const rom = plan.order[0] !== 'http' && direct === null && !own;
  for (const nic of spec.nics) args.push(...nicArguments(nic, rom, at(nic.id)));
  if (spec.vnc) args.push('-device', 'VGA,vgamem_mb=16', '-vnc', `unix:${paths.vnc}`);
  if (spec.tpm) {
    args.push('-chardev', `socket,id=tpm,path=${paths.tpm}/sock`, '-tpmdev', 'emulator,id=tpm0,chardev=tpm');
    args.push('-device', plan.mode === 'uefi' ? 'tpm-crb,tpmdev=tpm0' : 'tpm-tis,tpmdev=tpm0');
  }
  if (paths.ipmi !== null) {
    args.push('-chardev', `socket,id=ipmi,path=${paths.ipmi},reconnect=1`);
    args.push('-device', 'ipmi-bmc-extern,id=bmc0,chardev=ipmi', '-device', 'isa-ipmi-kcs,bmc=bmc0');
  }
  return args;
}

function smbios(spec: MachineSpec): string[] {
  const text = (value: string) => value.replaceAll(',', ',,');
  const maker = text(spec.manufacturer);
  const model = text(spec.model);
  const serial = text(spec.serialNumber);
  return [
    ...[
      '-smbios',
      `type=1,manufacturer=${maker},product=${model},serial=${serial},uuid=${spec.uuid},sku=${text(spec.sku)}`,
    ],
    ...['-smbios', `type=2,manufacturer=${maker},product=${model} Board,serial=${serial}B`],
    ...['-smbios', `type=3,manufacturer=${maker},serial=${serial},asset=${text(spec.assetTag)}`],
  ];
}

function diskArguments(plan: BootPlan, dir: string, at: (id: string) => string): string[] {
  const args: string[] = [];
  const sata = plan.disks.filter((d) => d.bus === 'sata');
  // one AHCI controller of its own, six ports each; the chipset's holds the CD drive
  for (let c = 0; c * 6 < sata.length; c++) args.push('-device', `ahci,id=ahci${c}`);
  for (const disk of plan.disks) {
    const back = `${disk.id}-back`;
    // unsafe: flushes are skipped, the page cache outlives a killed QEMU, and only the host's crash would lose data
    args.push('-drive', `if=none,id=${back},${backOf(disk, diskFile(dir, disk.id))},cache=unsafe,discard=unmap`);
    const serial = disk.serial.slice(0, 20);
    if (disk.bus === 'nvme') args.push('-device', `nvme,id=${disk.id},drive=${back},serial=${serial}${at(disk.id)}`);
    else if (disk.bus === 'virtio') {
      args.push('-device', `virtio-blk-pci,id=${disk.id},drive=${back},serial=${serial}${at(disk.id)}`);
    } else {
      const i = sata.indexOf(disk);
      const bus = `ahci${Math.floor(i / 6)}.${i % 6}`;
      const model = disk.model.slice(0, 40).replaceAll(',', ',,');
      args.push(
        '-device',
        `ide-hd,id=${disk.id},bus=${bus},drive=${back},serial=${serial},model=${model}${at(disk.id)}`,
      );
    }
  }
  return args;
}

/** What stands behind a disk: its file, or its file with what is wrong with the disk. */
function backOf({ trouble, bus }: PresentedDisk, file: string): string {
  const plain = `format=raw,file=${file}`;
  switch (trouble?.kind) {
    case undefined:
      return plain;
    case 'slow':
      return `${plain},throttling.bps-write=${Math.ceil(trouble.bytesPerSecond)}`;
    case 'read-only':
      // QEMU has no SATA disks of that kind: all that is written to one fails.
      return bus === 'sata' ? failingWrites(file, constants.errno.EROFS) : `${plain},readonly=on`;
    case 'failing':
      return failingWrites(file, constants.errno.EIO);
  }
}

function failingWrites(file: string, error: number): string {
  const rule = 'inject-error.0';
  const fails = `${rule}.event=none,${rule}.iotype=write,${rule}.errno=${error}`;
  return `driver=blkdebug,${fails},image.driver=raw,image.file.driver=file,image.file.filename=${file}`;
}

/** The raw, sparse file behind a disk. */
export function diskFile(dir: string, id: string): string {
  return `${dir}/${id}.raw`;
}

function mediaArguments(media: Readonly<Record<MediaSlot, Medium | null>>, at: (id: string) => string): string[] {
  const cd = media.cd === null ? '' : `,format=raw,readonly=on,file=${media.cd.file.replaceAll(',', ',,')}`;
  const args = [
    '-drive',
    `if=none,id=cd-back,media=cdrom${cd}`,
    '-device',
    `ide-cd,id=${CD_ID},bus=ide.2,drive=cd-back${at(CD_ID)}`,
  ];
  const usb = media.usb;
  if (usb !== null) {
    const file = usb.file.replaceAll(',', ',,');
    const node = `driver=raw,node-name=${USB_ID}-node,read-only=${usb.readOnly ? 'on' : 'off'}`;
    args.push(
      '-blockdev',
      `${node},file.driver=file,file.filename=${file},file.read-only=${usb.readOnly ? 'on' : 'off'}`,
    );
    args.push('-device', `usb-storage,id=${USB_ID},bus=${USB_BUS},drive=${USB_ID}-node,removable=on${at(USB_ID)}`);
  }
  return args;
}

function nicArguments(nic: NicSpec, rom: boolean, index: string): string[] {
  const back = `${nic.id}-net`;
  const link = nic.link;
  let netdev: string;
  // Without vnet_hdr the guest makes its checksums itself: the switch passes frames on as they are, and the host would
  // drop those with half a checksum.
  if (link.kind === 'tap') netdev = `tap,id=${back},ifname=${link.ifname},script=no,downscript=no,vnet_hdr=off`;
  else if (link.kind === 'user') {
    const tftp = link.tftpDir === undefined ? '' : `,tftp=${link.tftpDir}`;
    netdev = `user,id=${back}${tftp}${link.bootFile === undefined ? '' : `,bootfile=${link.bootFile}`}`;
  } else netdev = `hubport,id=${back},hubid=${Number.parseInt(nic.mac.slice(-2), 16)}`;
  const model = nic.model === 'virtio' ? `virtio-net-pci,speed=${nic.speedMbps},duplex=full` : 'e1000e';
  return [
    '-netdev',
    netdev,
    '-device',
    `${model},id=${nic.id},netdev=${back},mac=${nic.mac}${rom ? '' : ',romfile='}${index}`,
  ];
}
