import type { Random } from '#kernel/random';

/** Who asks, as far as the verbs have to know: routes have asked the policy already. */
export interface Actor {
  project: string;
  /** May touch what is other projects'. */
  admin: boolean;
}

/** What verbs that make ports need. */
export interface PortParts {
  random: Random;
}
