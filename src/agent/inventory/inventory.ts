import type { Inventory } from '#agent-api/inventory';
import { type Machine, numberAt } from '../machine/contract.ts';
import type { AgentParameters } from '../parameters.ts';
import { readBmc } from './bmc.ts';
import { forInventory, listDisks } from './disks.ts';
import { listNics } from './nics.ts';
import { readCpu } from './processor.ts';
import { memoryModules, parseSmbios } from './smbios.ts';

/** Reads what the machine is made of. Parts that cannot be read are null. */
export async function readInventory(
  machine: Machine,
  parameters: AgentParameters,
  options: { bmc: boolean } = { bmc: true },
): Promise<Inventory> {
  const [interfaces, disks, cpu, memory, bmc, vendor, uefi, tpm, hostname] = await Promise.all([
    listNics(machine),
    listDisks(machine),
    readCpu(machine),
    readMemory(machine),
    options.bmc ? readBmc(machine) : { address: null, v6address: null, mac: null },
    readVendor(machine),
    isUefi(machine),
    readTpm(machine),
    machine.text('/proc/sys/kernel/hostname'),
  ]);
  return {
    interfaces,
    cpu,
    // A medium the BMC plugged in is no disk of the machine.
    disks: disks.filter((disk) => !(disk.removable && disk.readOnly)).map(forInventory),
    memory,
    bmc_address: bmc.address,
    bmc_v6address: bmc.v6address,
    bmc_mac: bmc.mac,
    system_vendor: vendor,
    boot: { current_boot_mode: uefi ? 'uefi' : 'bios', pxe_interface: parameters.bootif },
    hostname,
    tpm,
  };
}

/** Did firmware start this system by UEFI? */
export async function isUefi(machine: Machine): Promise<boolean> {
  return (await machine.names('/sys/firmware/efi')).length > 0;
}

async function readMemory(machine: Machine): Promise<Inventory['memory']> {
  const total = /MemTotal:\s+(\d+)/.exec((await machine.text('/proc/meminfo')) ?? '')?.[1];
  const table = await machine.bytes('/sys/firmware/dmi/tables/DMI');
  const physical = table === null ? 0 : memoryModules(parseSmbios(table)).reduce((sum, m) => sum + m.size_mb, 0);
  return { total: Number(total ?? 0) * 1024, physical_mb: physical === 0 ? null : physical };
}

async function readVendor(machine: Machine): Promise<Inventory['system_vendor']> {
  const id = async (name: string) => {
    const text = (await machine.text(`/sys/class/dmi/id/${name}`))?.trim();
    return text === undefined || text === '' ? null : text;
  };
  return {
    product_name: await id('product_name'),
    serial_number: await id('product_serial'),
    manufacturer: await id('sys_vendor'),
    firmware: {
      vendor: await id('bios_vendor'),
      version: await id('bios_version'),
      build_date: await id('bios_date'),
    },
  };
}

async function readTpm(machine: Machine): Promise<NonNullable<Inventory['tpm']> | null> {
  const major = await numberAt(machine, '/sys/class/tpm/tpm0/tpm_version_major');
  if (major === null) return null;
  const description = await machine.text('/sys/class/tpm/tpm0/device/description');
  return { version: major === 2 ? '2.0' : '1.2', description };
}

/** What the `dmi-decode` collector gives: BIOS, processors and memory modules. */
export async function readDmi(machine: Machine): Promise<Readonly<Record<string, unknown>>> {
  const table = await machine.bytes('/sys/firmware/dmi/tables/DMI');
  const entries = table === null ? [] : parseSmbios(table);
  const { firmware, ...system } = await readVendor(machine);
  return { bios: firmware, system, memory: { devices: memoryModules(entries) } };
}
