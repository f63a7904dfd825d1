import type { Tx } from '#store/contract';

/** Something a project can have a limited number of. */
export interface QuotaResource {
  /** `baremetal_nodes`. */
  name: string;
  /** Type of the service in the catalog, `baremetal`. */
  service: string;
  description: string;
  /** Used when no registered limit was set; -1 = without limit. */
  fallback: number;
  /** How many the project has now, read in the given transaction. */
  count(tx: Tx, project: string): Promise<number>;
}

export interface Quotas {
  /**
   * Throws `QuotaExceeded` (403) when the project would have more than its limit with `delta` more.
   * Call it in the transaction that adds, before adding: where a limit applies, a lock held to the end of
   * the transaction lets one addition per project and resource through at a time, so that two cannot both
   * take the last place. Without a limit it costs nothing. `project` null (nobody's) is not limited.
   */
  check(tx: Tx, project: string | null, resource: string, delta: number): Promise<void>;
}
