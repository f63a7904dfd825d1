import type { RequestContext } from '#http/contract';
import { withExtra } from '../../model/extra.ts';
import type { GroupRow } from '../../store/tables.ts';
import { linkTo } from '../listing.ts';

/** A group as clients see it. */
export function showGroup(context: RequestContext, row: GroupRow): Record<string, unknown> {
  return withExtra(row.extra, {
    id: row.id,
    name: row.name,
    domain_id: row.domain_id,
    description: row.description,
    links: { self: linkTo(context, 'groups', row.id) },
  });
}
