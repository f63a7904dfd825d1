import { arubaAoscx } from './aruba.ts';
import { aristaEos, ciscoIos, ciscoNxos, dellOs10 } from './cisco-like.ts';
import type { Dialect } from './dialect.ts';
import { junos } from './junos.ts';
import { cumulusNvue } from './nvue.ts';
import { hpeProcurve } from './procurve.ts';
import { sonic } from './sonic.ts';

/** Every command line there is to rehearse with. */
export const DIALECTS: readonly Dialect[] = [
  aristaEos,
  arubaAoscx,
  ciscoIos,
  ciscoNxos,
  cumulusNvue,
  dellOs10,
  hpeProcurve,
  junos,
  sonic,
];
