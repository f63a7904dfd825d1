import type { NicSpec } from '../../../machine/spec.ts';
import { type Ask, collection, head, type Json, ref, refs, type Resource, status } from '../resource.ts';

/** A list and its members below the system, made from one array. */
function listOf<T>(
  name: string,
  type: string,
  title: string,
  items: (ask: Ask) => readonly T[],
  id: (item: T, index: number, ask: Ask) => string,
  show: (item: T, path: string, memberId: string, ask: Ask) => Json,
): Resource[] {
  const base = (ask: Ask) => `${ask.paths.system}/${name}`;
  return [
    {
      path: `/Systems/{system}/${name}`,
      get: (ask) =>
        ask.params[0] !== ask.bmc.traits.systemId
          ? undefined
          : collection(
              base(ask),
              type,
              title,
              items(ask).map((item, i) => `${base(ask)}/${id(item, i, ask)}`),
            ),
    },
    {
      path: `/Systems/{system}/${name}/{member}`,
      get: (ask) => {
        const index = items(ask).findIndex((item, i) => id(item, i, ask) === ask.params[1]);
        const item = items(ask)[index];
        if (item === undefined || ask.params[0] !== ask.bmc.traits.systemId) return undefined;
        const memberId = id(item, index, ask);
        return show(item, `${base(ask)}/${memberId}`, memberId, ask);
      },
    },
  ];
}

const nics = (ask: Ask) => ask.bmc.machine.spec.nics;
const nicId = (_nic: NicSpec, i: number) => `NIC.${i + 1}`;

/** Ids that some makes change at every start. */
const adapterId = (_nic: NicSpec, i: number, ask: Ask) =>
  ask.bmc.traits.adapterIdsChange ? `DE${(ask.bmc.starts * 16 + i + 7).toString(16).toUpperCase()}` : `NIC.${i + 1}`;

function linkUp(nic: NicSpec, ask: Ask): boolean {
  return nic.link.kind !== 'none' && ask.bmc.machine.power === 'on';
}

function ethernet(nic: NicSpec, path: string, id: string, ask: Ask): Json {
  return {
    ...head(path, 'EthernetInterface.v1_12_0', id, `Ethernet ${id}`),
    MACAddress: nic.mac.toUpperCase(),
    PermanentMACAddress: nic.mac.toUpperCase(),
    SpeedMbps: nic.speedMbps,
    FullDuplex: true,
    AutoNeg: true,
    MTUSize: 1500,
    InterfaceEnabled: true,
    LinkStatus: linkUp(nic, ask) ? 'LinkUp' : 'LinkDown',
    Status: status(),
    Links: { Chassis: ref(ask.paths.chassis) },
  };
}

const adapterPath = (ask: Ask, i: number, nic: NicSpec) =>
  `${ask.paths.chassis}/NetworkAdapters/${adapterId(nic, i, ask)}`;

function adapterResources(): Resource[] {
  const find = (ask: Ask) => {
    const index = nics(ask).findIndex((nic, i) => adapterId(nic, i, ask) === ask.params[1]);
    const nic = nics(ask)[index];
    return nic === undefined || ask.params[0] !== ask.bmc.traits.chassisId
      ? undefined
      : { nic, path: adapterPath(ask, index, nic), id: ask.params[1] ?? '' };
  };
  return [
    {
      path: '/Chassis/{chassis}/NetworkAdapters',
      get: (ask) =>
        ask.params[0] !== ask.bmc.traits.chassisId
          ? undefined
          : collection(
              `${ask.paths.chassis}/NetworkAdapters`,
              'NetworkAdapterCollection',
              'Network Adapters',
              nics(ask).map((nic, i) => adapterPath(ask, i, nic)),
            ),
    },
    {
      path: '/Chassis/{chassis}/NetworkAdapters/{adapter}',
      get: (ask) => {
        const found = find(ask);
        if (found === undefined) return undefined;
        const { nic, path, id } = found;
        return {
          ...head(path, 'NetworkAdapter.v1_11_0', id, `Adapter ${nic.id}`),
          Manufacturer: 'Ingot Lab',
          Model: nic.model === 'virtio' ? 'Lab NIC 10G' : 'Lab NIC 1G',
          SerialNumber: `${ask.bmc.machine.spec.serialNumber}${nic.id.toUpperCase()}`,
          Status: status(),
          Ports: ref(`${path}/Ports`),
          NetworkDeviceFunctions: ref(`${path}/NetworkDeviceFunctions`),
          Controllers: [
            {
              FirmwarePackageVersion: '20.1.0',
              Links: {
                Ports: refs([`${path}/Ports/1`]),
                NetworkDeviceFunctions: refs([`${path}/NetworkDeviceFunctions/1`]),
              },
            },
          ],
        };
      },
    },
    ...['Ports', 'NetworkDeviceFunctions'].map(
      (kind): Resource => ({
        path: `/Chassis/{chassis}/NetworkAdapters/{adapter}/${kind}`,
        get: (ask) => {
          const found = find(ask);
          const type = kind === 'Ports' ? 'PortCollection' : 'NetworkDeviceFunctionCollection';
          return found === undefined
            ? undefined
            : collection(`${found.path}/${kind}`, type, kind, [`${found.path}/${kind}/1`]);
        },
      }),
    ),
    {
      path: '/Chassis/{chassis}/NetworkAdapters/{adapter}/Ports/{port}',
      get: (ask) => {
        const found = find(ask);
        if (found === undefined || ask.params[2] !== '1') return undefined;
        return {
          ...head(`${found.path}/Ports/1`, 'Port.v1_12_0', '1', 'Port 1'),
          PortId: '1',
          LinkStatus: linkUp(found.nic, ask) ? 'LinkUp' : 'LinkDown',
          CurrentSpeedGbps: found.nic.speedMbps / 1000,
          Ethernet: { AssociatedMACAddresses: [found.nic.mac.toUpperCase()] },
          Status: status(),
        };
      },
    },
    {
      path: '/Chassis/{chassis}/NetworkAdapters/{adapter}/NetworkDeviceFunctions/{function}',
      get: (ask) => {
        const found = find(ask);
        if (found === undefined || ask.params[2] !== '1') return undefined;
        const mac = found.nic.mac.toUpperCase();
        return {
          ...head(`${found.path}/NetworkDeviceFunctions/1`, 'NetworkDeviceFunction.v1_9_0', '1', 'Function 1'),
          NetDevFuncType: 'Ethernet',
          DeviceEnabled: true,
          Ethernet: { MACAddress: mac, PermanentMACAddress: mac, MTUSize: 1500 },
          Status: status(),
        };
      },
    },
  ];
}

export const inventoryResources: readonly Resource[] = [
  ...listOf('EthernetInterfaces', 'EthernetInterfaceCollection', 'Ethernet Interfaces', nics, nicId, ethernet),
  ...listOf(
    'NetworkInterfaces',
    'NetworkInterfaceCollection',
    'Network Interfaces',
    nics,
    adapterId,
    (nic, path, id, ask) => ({
      ...head(path, 'NetworkInterface.v1_2_2', id, `Interface ${nic.id}`),
      Status: status(),
      Links: { NetworkAdapter: ref(adapterPath(ask, nics(ask).indexOf(nic), nic)) },
    }),
  ),
  ...adapterResources(),
  ...listOf(
    'Processors',
    'ProcessorCollection',
    'Processors',
    () => ['CPU0'],
    (id) => id,
    (id, path, _member, ask) => ({
      ...head(path, 'Processor.v1_20_0', id, 'Processor 0'),
      Socket: 'CPU 0',
      ProcessorType: 'CPU',
      ProcessorArchitecture: 'x86',
      InstructionSet: 'x86-64',
      Manufacturer: 'Ingot Lab',
      Model: 'Lab CPU',
      MaxSpeedMHz: 2600,
      TotalCores: ask.bmc.machine.spec.cpus,
      TotalThreads: ask.bmc.machine.spec.cpus,
      Status: status(),
    }),
  ),
  ...listOf(
    'Memory',
    'MemoryCollection',
    'Memory',
    () => ['DIMM0'],
    (id) => id,
    (id, path, _member, ask) => ({
      ...head(path, 'Memory.v1_20_0', id, 'DIMM 0'),
      MemoryType: 'DRAM',
      MemoryDeviceType: 'DDR4',
      CapacityMiB: ask.bmc.machine.spec.memoryMiB,
      OperatingSpeedMhz: 3200,
      Manufacturer: 'Ingot Lab',
      SerialNumber: `${ask.bmc.machine.spec.serialNumber}M0`,
      Status: status(),
    }),
  ),
];
