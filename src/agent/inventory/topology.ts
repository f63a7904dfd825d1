import { type Machine, numberAt } from '../machine/contract.ts';

type Item = Readonly<Record<string, unknown>>;

/** PCI devices, as the `pci-devices` collector of ironic-python-agent reports them. */
export async function listPci(machine: Machine): Promise<Item[]> {
  const devices: Item[] = [];
  for (const bus of await machine.names('/sys/bus/pci/devices')) {
    const at = `/sys/bus/pci/devices/${bus}`;
    const hex = async (file: string) => (await machine.text(`${at}/${file}`))?.replace(/^0x/, '') ?? null;
    const driver = await machine.resolve(`${at}/driver`);
    devices.push({
      vendor_id: await hex('vendor'),
      product_id: await hex('device'),
      class: await hex('class'),
      revision: await hex('revision'),
      bus,
      numa_node_id: await numberAt(machine, `${at}/numa_node`),
      driver: driver?.split('/').at(-1) ?? null,
    });
  }
  return devices;
}

/** USB devices, hubs of the root left out. */
export async function listUsb(machine: Machine): Promise<Item[]> {
  const devices: Item[] = [];
  for (const handle of await machine.names('/sys/bus/usb/devices')) {
    const at = `/sys/bus/usb/devices/${handle}`;
    const vendorId = await machine.text(`${at}/idVendor`);
    if (vendorId === null || handle.startsWith('usb')) continue;
    devices.push({
      handle,
      vendor_id: vendorId,
      product_id: await machine.text(`${at}/idProduct`),
      vendor: await machine.text(`${at}/manufacturer`),
      product: await machine.text(`${at}/product`),
    });
  }
  return devices;
}

/** Memory, processors and NICs by NUMA node, as the `numa-topology` collector reports them. */
export async function readNuma(machine: Machine): Promise<Item> {
  const ram: Item[] = [];
  const cpus = new Map<string, { cpu: number; numa_node: number; thread_siblings: number[] }>();
  const nics: Item[] = [];
  const base = '/sys/devices/system/node';
  for (const name of await machine.names(base)) {
    const node = Number(/^node(\d+)$/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(node)) continue;
    const total = /MemTotal:\s+(\d+) kB/.exec((await machine.text(`${base}/${name}/meminfo`)) ?? '')?.[1];
    if (total !== undefined) ram.push({ numa_node: node, size_kb: Number(total) });
    for (const thread of await machine.names(`${base}/${name}`)) {
      const id = Number(/^cpu(\d+)$/.exec(thread)?.[1] ?? Number.NaN);
      if (Number.isNaN(id)) continue;
      const core = (await numberAt(machine, `${base}/${name}/${thread}/topology/core_id`)) ?? id;
      const known = cpus.get(`${node}/${core}`);
      if (known === undefined) cpus.set(`${node}/${core}`, { cpu: core, numa_node: node, thread_siblings: [id] });
      else known.thread_siblings.push(id);
    }
  }
  for (const nic of await machine.names('/sys/class/net')) {
    const node = await numberAt(machine, `/sys/class/net/${nic}/device/numa_node`);
    if (node !== null) nics.push({ name: nic, numa_node: Math.max(0, node) });
  }
  return { ram, cpus: [...cpus.values()], nics };
}
