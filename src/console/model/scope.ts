/** What of a recording somebody may read: all of it, or the bytes of these tenancies and nothing else. */
export type Scope = 'all' | ReadonlySet<number>;

/** The one place that decides whether a piece of a recording is somebody's to read. Nobody's bytes are the operators'. */
export function inScope(scope: Scope, tenancy: number | null): boolean {
  return scope === 'all' || (tenancy !== null && scope.has(tenancy));
}
