/**
 * The bucket of a node: the first four hex digits of its UUID. Simple enough to be computed in SQL too
 * (`BUCKET_SQL`), so that lists can be filtered by conductor in the database.
 */
export function bucketOf(nodeUuid: string): number {
  return Number.parseInt(nodeUuid.slice(0, 4), 16);
}

/** `bucketOf` in SQL, for a column that holds the UUID. */
export function bucketSql(column: string): string {
  return `('x' || left(${column}::text, 4))::bit(16)::int`;
}

/** Which of the live hosts (sorted by name) looks after a node. Null when there is none. */
export function hostFor(hosts: readonly string[], nodeUuid: string): string | null {
  return hosts[bucketOf(nodeUuid) % hosts.length] ?? null;
}
