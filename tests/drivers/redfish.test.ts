import { afterAll } from 'vitest';
import { systemClock } from '#kernel/clock';
import { conformance } from '#baremetal/drivers/conformance/suite';
import { redfishHardware, redfishInterfaces } from '#baremetal/drivers/redfish/hardware';
import { callOf, interfacesOf, type LabMachine, labMachine, redfishNode } from './rack.ts';

const labs = new Map<string, LabMachine>();
const drivers = redfishInterfaces(systemClock);
const interfaces = interfacesOf(redfishHardware, drivers.interfaces);

afterAll(async () => {
  await drivers.close();
  await Promise.all([...labs.values()].map((lab) => lab.close()));
});

conformance('redfish', async () => ({
  interfaces,
  async node() {
    const lab = await labMachine();
    const node = redfishNode(lab);
    labs.set(node.uuid, lab);
    return node;
  },
  call: (node, may) => callOf(interfaces, node, may),
  writes: async (node) =>
    (labs.get(node.uuid)?.ledger.list({ kind: 'request' }) ?? []).filter((one) => !/Sessions/.test(one.action)).length,
  powerMs: 10_000,
}));
