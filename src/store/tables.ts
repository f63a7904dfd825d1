/**
 * All tables, by name, for Kysely. Each room adds its own by declaration merging, next to the queries
 * that use them: `declare module '#store/tables' { interface Tables { nodes: NodeTable } }`.
 */
export interface Tables {
  meta: { key: string; value: string };
}
