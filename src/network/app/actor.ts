import type { Call } from '../model/resource.ts';

/** Who asks, as far as verbs that look at other things than their own row have to know. */
export interface Actor {
  project: string;
  /** May touch what is other projects'. */
  admin: boolean;
}

export const actorOf = (call: Call): Actor => ({ project: call.project, admin: call.allows('network_admin') });
