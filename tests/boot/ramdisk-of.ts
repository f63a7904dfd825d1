import { join } from 'node:path';
import { systemClock } from '../../src/kernel/clock.ts';
import { type BuiltRamdisk, buildRamdisk } from '../../src/operate/ramdisk/build.ts';
import { defaultRamdiskDir } from '../../src/platform/ramdisk.ts';

/** Where tests keep ramdisks: with those of people, so that the packages are fetched once. */
export const RAMDISK_DIR = defaultRamdiskDir(process.env);

/** The ramdisk with a program in the agent's place that only calls once. A minute the first time on a machine. */
export function firstCallRamdisk(): Promise<BuiltRamdisk> {
  return buildRamdisk({
    dir: RAMDISK_DIR,
    arch: 'x86_64',
    name: 'first-call',
    agent: join(import.meta.dirname, 'programs/first-call.ts'),
    env: process.env,
    clock: systemClock,
    signal: AbortSignal.timeout(900_000),
  });
}
