import type { Handlers, RequestContext } from '#http/contract';
import { createDomain, type DomainBody, deleteDomain, updateDomain } from '../../app/domains.ts';
import type { Room } from '../../app/room.ts';
import { withExtra } from '../../model/extra.ts';
import { findRow, findRows } from '../../store/rows.ts';
import { type DomainRow, domains } from '../../store/tables.ts';
import { demand, demandFound } from '../guard.ts';
import { enabledFilter, linkTo, listReply, pageOf, tagFilters, textFilters } from '../listing.ts';
import type { domainRoutes } from './routes.ts';

/** A domain as clients see it. */
export function showDomain(context: RequestContext, row: DomainRow): Record<string, unknown> {
  return withExtra(row.extra, {
    id: row.id,
    name: row.name,
    description: row.description,
    enabled: row.enabled,
    tags: row.tags,
    options: JSON.parse(row.options),
    links: { self: linkTo(context, 'domains', row.id) },
  });
}

export function domainHandlers(room: Room): Handlers<typeof domainRoutes> {
  const id = (params: Record<string, string>) => params['domain_id'] ?? '';
  const show = (context: RequestContext) => (row: DomainRow) => showDomain(context, row);
  return {
    'domain.list': async (context, input) => {
      // Who reads one domain only sees that one.
      const own = context.caller.domainId;
      const all = context.allows('identity:list_domains');
      if (!all) demand(context, 'identity:list_domains', { domain: { id: own } });
      const page = pageOf(input);
      const conditions = [
        ...textFilters(input.query, ['name', 'id']),
        ...enabledFilter(input.query),
        ...tagFilters(input.query),
        ...(all ? [] : [{ sql: 'id = ?', values: [own] }]),
      ];
      const rows = await findRows<DomainRow>(room.store, domains, conditions, page);
      return listReply(context, input, 'domains', '/domains', rows, show(context), page);
    },
    'domain.create': async (context, input) => {
      const { domain } = input.body as { domain: DomainBody };
      return { body: { domain: showDomain(context, await createDomain(room, domain)) } };
    },
    'domain.get': async (context, input) => {
      const found = await findRow<DomainRow>(room.store, domains, id(input.params));
      const row = demandFound(context, 'identity:get_domain', 'domain', id(input.params), found, (d) => ({
        domain: { id: d.id },
      }));
      return { body: { domain: showDomain(context, row) } };
    },
    'domain.update': async (context, input) => {
      const { domain } = input.body as { domain: DomainBody };
      return { body: { domain: showDomain(context, await updateDomain(room, id(input.params), domain)) } };
    },
    'domain.delete': async (_context, input) => {
      await deleteDomain(room, id(input.params));
      return {};
    },
  };
}
