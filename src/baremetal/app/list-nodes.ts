import { isUuid } from '#kernel/ids';
import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import type { DriverCatalogue } from '../model/driver-catalogue.ts';
import { Conditions, listRows, markerPlace, type SortOrder } from '../store/listing.ts';
import { addNodeFilters, type NodeFilters } from '../store/node-filters.ts';
import type { TextRow } from '../store/text-rows.ts';

/** A page of a list. */
export interface PageRequest {
  limit: number;
  /** UUID of the last item of the page before. */
  marker: string | null;
  /** null: in the order of enrolment. */
  sort: SortOrder | null;
  descending: boolean;
}

/**
 * Whose resources a list shows: everybody's (undefined), or one project's. Throws 403 when the caller may list
 * nothing, or asked for another project's.
 */
export function listedProject(access: Access, rule: string, asked: string | undefined): string | undefined {
  if (access.allows(`${rule}:list_all`)) return asked;
  const own = access.projectId;
  if (own === null || (asked !== undefined && asked !== own)) throw errors.Forbidden(`${rule}:list_all`);
  if (!access.allows(`${rule}:list`)) throw errors.Forbidden(`${rule}:list`);
  return own;
}

/** The pairs of group and driver a conductor serves, each with its share of the buckets. */
export function shareOf(catalogue: DriverCatalogue, host: string): NonNullable<NodeFilters['share']> {
  const share: { group: string; driver: string; of: number; index: number }[] = [];
  for (const offer of catalogue.offers()) {
    // A conductor may serve several groups.
    for (const { group } of offer.hosts.filter((entry) => entry.host === host)) {
      const hosts = offer.hosts.filter((entry) => entry.group === group).map((entry) => entry.host);
      share.push({ group, driver: offer.name, of: hosts.length, index: hosts.indexOf(host) });
    }
  }
  return share;
}

/** Lists nodes the caller may see. Gives the columns `select` of each. Throws 403, 404 (marker, chassis). */
export async function listNodes(
  deps: BaremetalDeps,
  access: Access,
  filters: NodeFilters & { conductor?: string },
  page: PageRequest,
  select: string,
): Promise<TextRow[]> {
  const { conductor, project: asked, ...rest } = filters;
  const project = listedProject(access, 'baremetal:node', asked);
  if (filters.chassis_uuid !== undefined) await mustHaveChassis(deps, filters.chassis_uuid);
  const conditions = new Conditions();
  addNodeFilters(conditions, {
    ...rest,
    ...(project === undefined ? {} : { project }),
    ...(conductor === undefined ? {} : { share: shareOf(deps.catalogue, conductor) }),
  });
  const after =
    page.marker === null
      ? null
      : await markerPlace(deps.store, 'nodes', { column: 'uuid', value: page.marker }, 'seq', page.sort);
  if (after === undefined) throw errors.NodeNotFound(page.marker ?? '');
  return await listRows(deps.store, {
    from: 'nodes t',
    select,
    conditions,
    seq: 'seq',
    sort: page.sort,
    after,
    descending: page.descending,
    limit: page.limit,
  });
}

async function mustHaveChassis(deps: BaremetalDeps, uuid: string): Promise<void> {
  const rows = isUuid(uuid)
    ? await deps.store.query({
        name: 'bm_chassis_is',
        text: 'select 1 as one from chassis where uuid = $1',
        values: [uuid],
      })
    : [];
  if (rows.length === 0) throw errors.ChassisNotFound(uuid);
}
