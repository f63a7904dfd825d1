import type { RecordFilter } from '../../app/records/list.ts';
import type { Access } from '../../model/access.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import type { RecordKind } from '../../app/records/kind.ts';
import type { PlanEnv } from '../serializer/plan.ts';
import type { ResourceTable } from '../versions/resource.ts';

/** How a kind of record is offered in the API. */
export interface RecordDoor {
  /** Prefix of route ids: `chassis`. */
  noun: string;
  /** In sentences: `a chassis`. */
  a: string;
  /** Plural: `chassis`. */
  many: string;
  path: string;
  /** Name of the path's parameter. */
  param: string;
  table: ResourceTable;
  kind: RecordKind;
  since: number;
  /** Status of writes below `since`; reads answer 404. */
  below?: 404 | 405 | 406;
  /** Has it the old `/detail` form? */
  detail: boolean;
  /** Fields a POST must give. */
  required: readonly string[];
  listRules: string | { rule: string };
  filters: Readonly<Record<string, RecordFilter>>;
  /** Computed fields; see `PlanEnv`. */
  computed?: PlanEnv['computed'];
  /** Version that brought PATCH, when it came later. */
  patchSince?: number;
  /** Checks the filters of a list together, and resolves names among them. Throws 4xx. */
  readFilters?: (
    deps: BaremetalDeps,
    access: Access,
    filters: Record<string, unknown>,
    version: number,
  ) => Promise<void>;
  /** Checks the new values of a PATCH against the version. Throws 406. */
  readEdit?: (values: Record<string, unknown>, version: number) => void;
  /** Changes the values of a POST before they are checked (`node` for `node_uuid`, …). */
  readNew?: (values: Record<string, unknown>, version: number) => void;
}
