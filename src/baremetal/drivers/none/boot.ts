import type { BootInterface } from '../contract.ts';

/**
 * The ramdisk comes from a PXE server that is somebody else's: the machine is told to boot from the network once,
 * and from its disk afterwards.
 */
export const externalPxe: BootInterface = {
  name: 'external-pxe',
  properties: {},
  validate: () => {},
  prepareRamdisk: (call) => call.interfaces.management.setBootDevice(call, 'pxe', false),
  cleanUpRamdisk: async () => {},
  prepareInstance: (call, payload) =>
    call.interfaces.management.setBootDevice(call, payload === undefined ? 'disk' : 'pxe', true),
  cleanUpInstance: async () => {},
};
