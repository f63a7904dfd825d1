import type { Platform } from '../platform.ts';
import { aristaEos } from './arista.ts';
import { arubaAoscx, hpeProcurve } from './aruba.ts';
import { ciscoIos, ciscoNxos } from './cisco.ts';
import { dellOs10 } from './dell.ts';
import { juniperJunos } from './juniper.ts';
import { cumulusNvue, sonic } from './linux.ts';

/** Every platform of the SSH driver. A new one is a table like these, and an emulated switch for the tests. */
export const PLATFORMS: readonly Platform[] = [
  aristaEos,
  arubaAoscx,
  ciscoIos,
  ciscoNxos,
  cumulusNvue,
  dellOs10,
  hpeProcurve,
  juniperJunos,
  sonic,
];
