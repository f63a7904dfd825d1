import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firmwareImage } from '../../src/lab/bmc/firmware.ts';
import type { LabMachine } from '../../src/lab/lab-machine.ts';
import type { SimulatedMachine } from '../../src/lab/machine/simulated/machine.ts';
import type { Quirk } from '../../src/lab/quirks/quirk.ts';
import { type Lab, startLab } from '../../src/lab/up.ts';
import { type Answer, ask, ipmitool } from './client.ts';

/** One fresh machine with one quirk, and the short words the checks are written in. */
export class Bench {
  readonly m: LabMachine;
  /** Where a good BIOS image lies. */
  readonly firmwareUrl: string;

  constructor(m: LabMachine, firmwareUrl: string) {
    this.m = m;
    this.firmwareUrl = firmwareUrl;
  }

  get hardware(): SimulatedMachine {
    return this.m.machine as SimulatedMachine;
  }

  get system(): string {
    return `/redfish/v1/Systems/${this.m.bmc.traits.systemId}`;
  }

  get manager(): string {
    return `/redfish/v1/Managers/${this.m.bmc.traits.managerId}`;
  }

  get(path = this.system, headers: Record<string, string> = {}) {
    return ask(this.m, 'GET', path, { headers });
  }

  patch(path: string, body: unknown, headers: Record<string, string> = {}) {
    return ask(this.m, 'PATCH', path, { body, headers });
  }

  post(path: string, body?: unknown, headers: Record<string, string> = {}) {
    return ask(this.m, 'POST', path, { body, headers });
  }

  boot(change: unknown, headers: Record<string, string> = {}) {
    return this.patch(this.system, { Boot: change }, headers);
  }

  reset(type: string) {
    return this.post(`${this.system}/Actions/ComputerSystem.Reset`, { ResetType: type });
  }

  media(slot: string, action: 'Insert' | 'Eject', body?: unknown) {
    const base = this.m.bmc.traits.mediaUnderSystem ? this.system : this.manager;
    return this.post(`${base}/VirtualMedia/${slot}/Actions/VirtualMedia.${action}Media`, body);
  }

  update(body: unknown, headers: Record<string, string> = {}) {
    return this.post('/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate', body, headers);
  }

  raid(...ids: string[]) {
    const Drives = ids.map((id) => ({ '@odata.id': `${this.system}/Storage/RAID/Drives/${id}` }));
    return this.post(`${this.system}/Storage/RAID/Volumes`, {
      RAIDType: ids.length > 1 ? 'RAID1' : 'RAID0',
      Links: { Drives },
    });
  }

  tool(...args: string[]) {
    return ipmitool(this.m, args);
  }

  login() {
    return ask(this.m, 'POST', '/redfish/v1/SessionService/Sessions', {
      auth: false,
      body: { UserName: 'admin', Password: 'password' },
    });
  }

  get first() {
    return this.m.bmc.lastPlan?.order[0];
  }

  async etag(path = this.system, headers: Record<string, string> = {}): Promise<string> {
    return String((await this.get(path, headers)).headers.etag);
  }
}

export const message = (answer: Answer): string => JSON.stringify(answer.json);
export const status = async (answer: Promise<Answer>): Promise<number> => (await answer).status;
export const ISO = 'http://127.0.0.1/image.iso';
export const ONCE_PXE = { BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Pxe' };

/** What a client sees of one quirk. */
export type Check = (b: Bench) => Promise<void>;

/** Runs the check of each quirk on a fresh machine with it, and says which quirk has none. */
export function checkQuirks(quirks: readonly Quirk[], checks: Readonly<Record<string, Check>>): void {
  let lab: Lab;
  let firmwareUrl: string;
  const web = createServer((_request, response) => response.end(firmwareImage('BIOS', '2.5.0')));

  beforeAll(async () => {
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    firmwareUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}/bios.bin`;
    const latencies = { postMs: 250, attemptMs: 5, softOffMs: 20 };
    lab = await startLab({ machines: [], kind: 'simulated', control: null, latencies });
  });
  afterAll(async () => {
    web.close();
    await lab.close();
  });

  describe('each quirk shows as it says', () => {
    it('and every quirk of the list has a check', () => {
      expect(Object.keys(checks).sort()).toEqual(quirks.map((q) => q.id).sort());
    });

    for (const { id, changes } of quirks) {
      it.concurrent(`${id}: ${changes}`, async ({ task }) => {
        const disks = [
          { bus: 'nvme' as const },
          { bus: 'sata' as const, raid: true },
          { bus: 'sata' as const, raid: true },
        ];
        // The machine of an attempt that failed is still there.
        const attempt = task.result?.retryCount ?? 0;
        const machine = await lab.add({ name: attempt === 0 ? id : `${id}-${attempt + 1}`, secureBoot: true, disks });
        const bench = new Bench(machine, firmwareUrl);
        bench.hardware.install('nvme0', 'system');
        machine.quirk(id);
        await checks[id]?.(bench);
        machine.heal();
        const healed = await bench
          .get()
          .catch((error) => (machine.bmc.rebooting ? { status: 200 } : Promise.reject(error)));
        expect(healed.status).toBe(200);
      });
    }
  });
}
