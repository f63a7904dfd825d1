import type { Sealer } from '#store/contract';
import type { Json } from '#work/contract';
import type { Document } from '../../model/node.ts';
import { splitSecrets } from '../../model/secrets.ts';

/** How steps somebody asked for travel in an operation's input: as they are, or sealed when secrets are in them. */
export type GivenSteps = { steps?: Json; sealedSteps?: string };

const AAD = 'operation:steps';

/** Packs steps for the input of an operation. */
export function giveSteps(sealer: Sealer, steps: readonly Document[] | undefined): GivenSteps {
  if (steps === undefined) return {};
  const { secrets } = splitSecrets({ steps }, 'driver_internal_info');
  if (Object.keys(secrets).length > 0) return { sealedSteps: sealer.seal(steps, AAD) };
  return { steps: steps as unknown as Json };
}

/** Unpacks them; null when none were given. */
export function givenSteps(sealer: Sealer, input: GivenSteps): Document[] | null {
  if (input.sealedSteps !== undefined) return sealer.open<Document[]>(input.sealedSteps, AAD);
  return input.steps === undefined ? null : (input.steps as unknown as Document[]);
}
