import { errors } from '../errors.ts';
import type { Effects } from '../faults/effects.ts';
import { dellQuirks } from './dell.ts';
import { hpeQuirks } from './hpe.ts';
import { ipmiQuirks } from './ipmi.ts';
import { lenovoQuirks } from './lenovo.ts';
import { otherQuirks } from './others.ts';
import type { Quirk } from './quirk.ts';
import { supermicroQuirks } from './supermicro.ts';

/** Every quirk the lab can put on a BMC. */
export const allQuirks: readonly Quirk[] = [
  ...supermicroQuirks,
  ...hpeQuirks,
  ...lenovoQuirks,
  ...dellQuirks,
  ...otherQuirks,
  ...ipmiQuirks,
];

const byId = new Map(allQuirks.map((q) => [q.id, q]));

/** Throws LabNoSuchQuirk. */
export function quirk(id: string): Quirk {
  const found = byId.get(id);
  if (found === undefined) throw errors.LabNoSuchQuirk(id);
  return found;
}

/** What a quirk switches on. */
export const effectsOf = (id: string): Effects => quirk(id).effects;
