import type { Resource } from '#protocols/redfish/client';
import { linksOf, numberOf, objectAt, textOf } from '#protocols/redfish/json';
import type { Document } from '../../model/node.ts';
import type { DriverCall, InspectInterface, InspectionResult } from '../contract.ts';
import { RedfishBmc, type RedfishContext } from './bmc.ts';
import { REDFISH_PROPERTIES, redfishSettings } from './settings.ts';

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
const ARCHITECTURES: Record<string, string> = { 'x86-64': 'x86_64', x86: 'i686', 'ARM-A64': 'aarch64', ARM: 'arm' };
const GIB = 1024 ** 3;

/** Out-of-band inspection: what the BMC knows, in the shape of Ironic's inventory. The machine is not touched. */
export function redfishInspect(
  context: RedfishContext,
): Omit<InspectInterface, 'collect'> & { collect(call: DriverCall): Promise<InspectionResult> } {
  const found = (call: DriverCall) => inspect(new RedfishBmc(context, call));
  return {
    name: 'redfish',
    properties: REDFISH_PROPERTIES,
    validate: (node) => {
      redfishSettings(node);
    },
    inspect: async (call) => ({ kind: 'done', result: await found(call) }),
    collect: found,
    abort: async () => {},
  };
}

async function inspect(bmc: RedfishBmc): Promise<InspectionResult> {
  const system = await bmc.system();
  const { body } = system;
  const processors = await processorsOf(bmc, system);
  const disks = await disksOf(bmc, system);
  const nics = await nicsOf(bmc, system);
  const memoryMb = await memoryOf(bmc, system);
  const mode = textOf(objectAt(body, 'Boot')['BootSourceOverrideMode']);
  const cpus = processors.reduce((sum, one) => sum + one.threads, 0) || countOf(objectAt(body, 'ProcessorSummary'));
  const arch = processors.map((one) => one.architecture).find((one) => one !== null) ?? null;
  const first = processors[0];
  const root = disks.map((one) => one.size).filter((size) => size > 0);
  const inventory: Document = {
    bmc_address: new URL(bmc.client.http.origin).hostname.replace(/^\[|\]$/g, ''),
    boot: { current_boot_mode: mode === 'UEFI' ? 'uefi' : mode === 'Legacy' ? 'bios' : null, pxe_interface: null },
    cpu: {
      architecture: arch,
      count: cpus,
      model_name: first?.model ?? textOf(objectAt(body, 'ProcessorSummary')['Model']),
      frequency: first?.mhz === undefined || first.mhz === null ? null : String(first.mhz),
      flags: [],
    },
    disks,
    memory: { physical_mb: memoryMb, total: memoryMb * 1024 * 1024 },
    interfaces: nics,
    system_vendor: {
      manufacturer: textOf(body['Manufacturer']),
      product_name: textOf(body['Model']),
      serial_number: textOf(body['SerialNumber']) ?? textOf(body['SKU']),
      sku: textOf(body['SKU']),
      firmware: { vendor: null, version: textOf(body['BiosVersion']), build_date: null },
    },
  };
  const properties: Document = {
    ...(cpus > 0 ? { cpus } : {}),
    ...(arch === null ? {} : { cpu_arch: arch }),
    ...(memoryMb > 0 ? { memory_mb: memoryMb } : {}),
    // one less than the smallest disk, as Ironic counts, for partitions' sake
    ...(root.length > 0 ? { local_gb: Math.max(0, Math.floor(Math.min(...root) / GIB) - 1) } : {}),
  };
  const macs = [...new Set(nics.map((one) => String(one['mac_address'])))];
  return { inventory, pluginData: {}, properties, ports: macs.map((address) => ({ address })) };
}

async function processorsOf(bmc: RedfishBmc, system: Resource) {
  const all = await bmc.client.members(system.body['Processors'], bmc.ask);
  const isCpu = ({ body }: Resource) => [null, 'CPU'].includes(textOf(body['ProcessorType'])) && isThere(body);
  return all.filter(isCpu).map(({ body }) => ({
    threads: numberOf(body['TotalThreads']) ?? numberOf(body['TotalCores']) ?? 1,
    model: textOf(body['Model']),
    mhz: numberOf(body['MaxSpeedMHz']),
    architecture: ARCHITECTURES[textOf(body['InstructionSet']) ?? ''] ?? null,
  }));
}

const countOf = (summary: Document) =>
  numberOf(summary['LogicalProcessorCount']) ?? numberOf(summary['CoreCount']) ?? numberOf(summary['Count']) ?? 0;

/** Slots that are empty are listed by many, as absent. */
const isThere = (body: Document) => objectAt(body, 'Status')['State'] !== 'Absent';

async function memoryOf(bmc: RedfishBmc, system: Resource): Promise<number> {
  const total = numberOf(objectAt(system.body, 'MemorySummary')['TotalSystemMemoryGiB']);
  if (total !== null && total > 0) return Math.round(total * 1024);
  const modules = await bmc.client.members(system.body['Memory'], bmc.ask);
  return modules.reduce((sum, { body }) => sum + (isThere(body) ? (numberOf(body['CapacityMiB']) ?? 0) : 0), 0);
}

async function disksOf(bmc: RedfishBmc, system: Resource) {
  const disks: { name: string; size: number; [key: string]: unknown }[] = [];
  for (const controller of await bmc.client.members(system.body['Storage'], bmc.ask)) {
    for (const { body } of await bmc.client.all(linksOf(controller.body['Drives']), bmc.ask)) {
      const size = numberOf(body['CapacityBytes']) ?? 0;
      if (size <= 0 || !isThere(body)) continue;
      const media = textOf(body['MediaType']);
      disks.push({
        name: textOf(body['Name']) ?? textOf(body['Id']) ?? '',
        size,
        rotational: media === null ? null : media === 'HDD',
        model: textOf(body['Model']),
        vendor: textOf(body['Manufacturer']),
        serial: textOf(body['SerialNumber']),
        wwn: null,
      });
    }
  }
  return disks;
}

/**
 * NICs of the host. Where the system lists none, or none with an address, the network adapters of its chassis are
 * asked for the addresses of their functions: ports of different adapters may share an id, functions do not.
 */
async function nicsOf(bmc: RedfishBmc, system: Resource): Promise<Document[]> {
  const own = (await bmc.client.members(system.body['EthernetInterfaces'], bmc.ask)).flatMap(({ body }) => {
    const mac = macOf(body['MACAddress']) ?? macOf(body['PermanentMACAddress']);
    if (mac === null || !isThere(body)) return [];
    const link = textOf(body['LinkStatus']);
    const speed = numberOf(body['SpeedMbps']);
    return [nic(textOf(body['Id']) ?? mac, mac, link === null ? null : link === 'LinkUp', speed)];
  });
  if (own.length > 0) return own;
  const nics: Document[] = [];
  for (const chassis of await bmc.chassis(system)) {
    for (const adapter of await bmc.client.members(chassis.body['NetworkAdapters'], bmc.ask)) {
      for (const { body } of await bmc.client.members(adapter.body['NetworkDeviceFunctions'], bmc.ask)) {
        const ethernet = objectAt(body, 'Ethernet');
        const mac = macOf(ethernet['MACAddress']) ?? macOf(ethernet['PermanentMACAddress']);
        if (mac !== null) nics.push(nic(`${textOf(adapter.body['Id'])}-${textOf(body['Id'])}`, mac, null, null));
      }
    }
  }
  return nics;
}

const nic = (name: string, mac: string, carrier: boolean | null, speed: number | null): Document => ({
  name,
  mac_address: mac,
  has_carrier: carrier,
  speed_mbps: speed,
  lldp: null,
});

/** Null: none, or one that means none. */
function macOf(value: unknown): string | null {
  const mac = textOf(value)?.toLowerCase().replaceAll('-', ':');
  return mac === undefined || !MAC.test(mac) || mac === '00:00:00:00:00:00' ? null : mac;
}
