import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';
import { systemClock } from '#kernel/clock';
import { conformance } from '#baremetal/drivers/conformance/suite';
import { redfishHardware, redfishInterfaces } from '#baremetal/drivers/redfish/hardware';
import { firmwareImage } from '#lab/bmc/firmware';
import { interfacesOf, labMachine, labSubject, redfishNode } from './rack.ts';

const drivers = redfishInterfaces(systemClock);
const interfaces = interfacesOf(redfishHardware, drivers.interfaces);
const RAID_DISKS = Array.from({ length: 3 }, () => ({ bus: 'sata' as const, raid: true }));
const subject = labSubject(
  interfaces,
  async () => {
    const lab = await labMachine({}, { ssh: 'direct', secureBoot: true, disks: RAID_DISKS });
    return { lab, node: redfishNode(lab) };
  },
  (lab) => lab.ledger.list({ kind: 'request' }).filter((one) => !/Sessions/.test(one.action)).length,
);
const web = createServer((_request, response) => response.end(firmwareImage('BIOS', '9.9.1')));

beforeAll(() => new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve)));
afterAll(async () => {
  web.close();
  await drivers.close();
  await subject.close();
});

conformance('redfish', async () => ({
  ...subject,
  bios: async () => ({ url: `http://127.0.0.1:${(web.address() as AddressInfo).port}/bios.bin`, version: '9.9.1' }),
}));
