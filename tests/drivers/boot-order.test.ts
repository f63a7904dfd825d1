import { describe, expect, test } from 'vitest';
import type { BootMethod, BootRequest, BootService } from '../../src/contracts/boot.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { createLog } from '../../src/platform/log.ts';
import { bootInterfaces } from '../../src/baremetal/drivers/boot/interfaces.ts';
import type { NodeInterfaces } from '../../src/baremetal/drivers/contract.ts';
import { callOf, nodeOf } from './rack.ts';

/** Boots one node again and again by the interface that chooses, as a clean does: the machine is off at its end. */
async function boots(times: number, called: (method: BootMethod) => boolean): Promise<(BootMethod | undefined)[]> {
  const published: (BootMethod | undefined)[] = [];
  const service: BootService = {
    callbackUrl: 'http://10.9.0.1:6386',
    attemptMs: 60_000,
    async publish(request: BootRequest) {
      published.push(request.method);
      return { nonce: 'n', expiresAt: 0, isoUrl: 'http://10.9.0.1/b/n/boot.iso', unavailable: {} };
    },
    withdraw: async () => {},
    sightings: async () => [],
    methods: async () => ({ available: ['virtual-media', 'uefi-http', 'ipxe', 'pxe'], unavailable: {} }),
  };
  const auto = bootInterfaces({
    boot: service,
    records: {
      // The machine was switched off before anybody asks: nothing is left of its agent but that it called.
      called: async () => called(published.at(-1) ?? 'pxe'),
      ports: async () => [],
    },
    clock: systemClock,
    log: createLog({ level: 'silent' }),
  }).get('auto');
  const management = {
    getBootMode: async () => 'uefi',
    setBootDevice: async () => {},
    setHttpBoot: async () => {},
    virtualMedia: { insert: async () => {}, eject: async () => {} },
  };
  const call = callOf(
    { management } as unknown as NodeInterfaces,
    {
      ...nodeOf('redfish', {}, {}),
      networkData: {},
      instanceInfo: {},
    } as ReturnType<typeof nodeOf>,
  );
  for (let i = 0; i < times; i++) {
    await auto?.prepareRamdisk(call, {});
    await auto?.cleanUpRamdisk(call);
  }
  return published;
}

describe('the boot interface that chooses the way', () => {
  test('stays with the way that brought the ramdisk up', async () => {
    expect(await boots(3, () => true)).toEqual(['virtual-media', 'virtual-media', 'virtual-media']);
  });

  test('tries the next one when the ramdisk never called, and stays with that', async () => {
    expect(await boots(3, (method) => method === 'uefi-http')).toEqual(['virtual-media', 'uefi-http', 'uefi-http']);
  });
});
