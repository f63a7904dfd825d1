import type { DriverStep } from '../contract.ts';
import { startInstance } from './ramdisk.ts';

/** The only step of the `ramdisk` deploy interface: the instance is what boots, no disk is touched. */
export const bootRamdisk: DriverStep = {
  interface: 'deploy',
  step: 'deploy',
  priority: 100,
  kinds: ['deploy'],
  requiresRamdisk: false,
  async run(call) {
    await startInstance(call);
    return { kind: 'done' };
  },
};
