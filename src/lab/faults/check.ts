import { DEFAULT_TRAITS } from '../bmc/traits.ts';
import { errors } from '../errors.ts';
import type { Effects } from './effects.ts';

const PARTS = ['traits', 'http', 'ipmi', 'power', 'link', 'disks'];
const TROUBLES = ['read-only', 'failing', 'slow'];

/** Effects that came as JSON. Throws LabBadFault for what would only fail later. */
export function checkedEffects(body: Readonly<Record<string, unknown>>): Effects {
  const unknown = Object.keys(body).find((key) => !PARTS.includes(key));
  if (unknown !== undefined) throw errors.LabBadFault(`effects have no part ${unknown} (${PARTS.join(', ')})`);
  const effects = body as Effects;
  for (const trait of Object.keys(effects.traits ?? {})) {
    if (!Object.hasOwn(DEFAULT_TRAITS, trait)) throw errors.LabBadFault(`there is no trait ${trait}`);
  }
  for (const trouble of Object.values(effects.disks ?? {})) {
    const isKnown = TROUBLES.includes(trouble?.kind) && (trouble.kind !== 'slow' || trouble.bytesPerSecond > 0);
    if (!isKnown) throw errors.LabBadFault(`a disk is ${TROUBLES.join(', ')} (with bytesPerSecond)`);
  }
  for (const rule of [...(effects.http ?? []), ...(effects.ipmi ?? [])]) {
    if (typeof rule.effect?.kind !== 'string') throw errors.LabBadFault('a rule has no effect');
  }
  for (const rule of effects.http ?? []) {
    const patterns = [rule.path, ...Object.values(rule.bodyMatches ?? {}), ...Object.values(rule.headerMatches ?? {})];
    for (const pattern of patterns) {
      if (pattern !== undefined && !isPattern(pattern))
        throw errors.LabBadFault(`${JSON.stringify(pattern)} is no regular expression`);
    }
  }
  return effects;
}

function isPattern(text: unknown): boolean {
  try {
    return typeof text === 'string' && new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
