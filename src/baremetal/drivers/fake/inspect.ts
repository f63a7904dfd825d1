import type { DriverCall, InspectInterface, InspectionResult } from '../contract.ts';
import type { FakeContext } from './context.ts';

/** A locally administered MAC made of the node's uuid: the same at each inspection. */
function macOf(uuid: string): string {
  const hex = uuid.replaceAll('-', '').slice(-10);
  return ['52', ...(hex.match(/../g) ?? [])].join(':');
}

function found(call: DriverCall): InspectionResult {
  const { node } = call;
  const told = node.driverInfo['fake_ports'];
  const addresses = Array.isArray(told) ? told.map(String) : [macOf(node.uuid)];
  return {
    inventory: {
      bmc_address: null,
      boot: { current_boot_mode: 'uefi', pxe_interface: addresses[0] ?? null },
      cpu: { architecture: 'x86_64', count: 16, model_name: 'Fake CPU', frequency: '2400', flags: [] },
      disks: [{ name: '/dev/sda', size: 480_103_981_056, rotational: false, serial: node.uuid.slice(0, 8) }],
      memory: { physical_mb: 65_536, total: 68_719_476_736 },
      interfaces: addresses.map((mac, i) => ({ name: `eth${i}`, mac_address: mac, has_carrier: true, lldp: null })),
      system_vendor: { manufacturer: 'Ingot', product_name: 'Fake machine', serial_number: node.uuid },
    },
    pluginData: {},
    properties: { cpus: 16, cpu_arch: 'x86_64', memory_mb: 65_536, local_gb: 446 },
    ports: addresses.map((address) => ({ address })),
  };
}

/** Finds the same machine in every node. A delay makes it wait, as inspection by a ramdisk does. */
export function fakeInspect(context: FakeContext): InspectInterface {
  return {
    name: 'fake',
    properties: { fake_ports: 'List of MAC addresses that inspection finds. Optional.' },
    validate: () => {},
    async inspect(call) {
      const outcome = await context.faults.meetStep(call, ['inspect.inspect', 'inspect']);
      return outcome.kind === 'wait' ? outcome : { kind: 'done', result: found(call) };
    },
    collect: async (call) => found(call),
    abort: (call) => context.faults.meet(call, ['inspect.abort']),
  };
}
