import type { Handler, HandlerInput, RequestContext } from '#http/contract';
import { IngotError } from '#kernel/errors';
import type { Tx } from '#store/contract';
import { announceChange } from '../ovn/index.ts';
import { type Call, type Changes, plainColumns, type Resource, SHOW } from '../model/resource.ts';
import { refusals } from '../refusals.ts';
import type { NetworkRoom } from '../room.ts';
import { readDocuments, readOne } from '../store/documents.ts';
import { isThere, readList } from '../store/lists.ts';
import { deleteRow, updateRow } from '../store/rows.ts';
import {
  demandChanges,
  hold,
  openCall,
  openLook,
  parentOf,
  projectOf,
  seenBy,
  type Later,
  sightOf,
  unseen,
  urlOf,
  wantedOf,
} from './request.ts';
import { maker, settled } from './making.ts';

/** The handlers of a resource's routes. */
export function resourceHandlers(room: NetworkRoom, resource: Resource): Record<string, Handler> {
  const { name, collection, rules, actions = {} } = resource;
  const found: Record<string, Handler> = {
    [`${name}.list`]: (context, input) => list(room, resource, context, input),
    [`${name}.get`]: async (context, { params, query }) => {
      const id = params['id'] ?? '';
      const absent = () => refusals[resource.notFound as 'NetworkNotFound'](id);
      const parentId = await parentOf(openLook(context, room.store), resource, params);
      if (!/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(id)) throw unseen(context, resource, absent);
      const options = { sight: sightOf(resource, context), wanted: wantedOf(query) };
      const row = await readOne(room.store, resource, projectOf(context), { id, parentId }, options);
      if (row === undefined || !context.allows(`get_${name}`, row.facts)) throw unseen(context, resource, absent);
      return { json: `{"${name}":${row.doc}}` };
    },
  };
  if (rules.create !== undefined) {
    const make = maker(room, resource);
    found[`${name}.create`] = async (context, { body, params }) => {
      const { [name]: one, [collection]: several } = body as Record<string, unknown>;
      if ((one === undefined) === (several === undefined))
        throw refusals.HTTPBadRequest(`The body must have either '${name}' or '${collection}'`);
      const docs = await make(context, (several ?? [one]) as Changes[], params);
      return { json: several === undefined ? `{"${name}":${docs[0]}}` : `{"${collection}":[${docs.join(',')}]}` };
    };
  }
  if (rules.update !== undefined) {
    found[`${name}.update`] = async (context, { body, params, headers }) => {
      const changes = (body as Record<string, Changes>)[name];
      if (changes === undefined) throw refusals.HTTPBadRequest(`Resource body required: '${name}'`);
      const later: Later = [];
      const made = await room.store.tx(async (tx) => {
        const call = openCall(room, context, tx, later);
        const row = await hold(call, resource, params, { ifMatch: headers['if-match'] });
        demandChanges(call, resource, row, changes);
        const plain = plainColumns(resource, changes);
        const columns = resource.update === undefined ? plain : await resource.update(call, row, changes, plain);
        await updateRow(tx, resource, row.id, columns);
        announceChange(tx);
        return { id: row.id, doc: await show(call, resource, row.id, { query: tx.last }) };
      });
      const [doc = made.doc] = (await settled(room, later))
        ? await readDocuments(room.store, resource, projectOf(context), [made.id], sightOf(resource, context))
        : [];
      return { json: `{"${name}":${doc}}` };
    };
  }
  if (rules.delete !== undefined) {
    found[`${name}.delete`] = async (context, { params, headers }) => {
      const later: Later = [];
      const deleted = room.store.tx(async (tx) => {
        const call = openCall(room, context, tx, later);
        const row = await hold(call, resource, params, { ifMatch: headers['if-match'] });
        call.demand(`delete_${name}`, row.facts);
        if (resource.delete === undefined) await deleteRow(tx, resource, row.id);
        else await resource.delete(call, row);
        announceChange(tx);
      });
      await deleted.catch((error: unknown) => {
        // Something came to refer to it in this very moment.
        const { inUse } = resource;
        if (inUse === undefined || !(error instanceof IngotError) || error.code !== 'StillReferenced') throw error;
        throw refusals[inUse as 'NetworkInUse'](params['id'] ?? '', 'something still refers to it');
      });
      await settled(room, later);
      return {};
    };
  }
  for (const [action, { method, rule = action, touches = method !== 'GET', run }] of Object.entries(actions)) {
    found[`${name}.${action}`] = async (context, { body, params, headers }) =>
      room.store.tx(async (tx) => {
        const call = openCall(room, context, tx);
        const row = await hold(call, resource, params, { ifMatch: headers['if-match'], hold: method !== 'GET' });
        call.demand(rule, row.facts);
        const answer = await run(call, row, body, params);
        if (touches) await updateRow(tx, resource, row.id, {});
        if (method !== 'GET') announceChange(tx);
        if (answer === SHOW) return { json: `{"${name}":${await show(call, resource, row.id)}}` };
        return answer === undefined ? {} : { body: answer };
      });
  }
  return found;
}

async function show(call: Call, resource: Resource, id: string, reader: Pick<Tx, 'query'> = call.tx): Promise<string> {
  const [doc] = await readDocuments(reader, resource, call.project, [id], sightOf(resource, call.context));
  if (doc === undefined) throw refusals[resource.notFound as 'NetworkNotFound'](id);
  return doc;
}

async function list(room: NetworkRoom, resource: Resource, context: RequestContext, { query, params }: HandlerInput) {
  const { collection } = resource;
  const { maxLimit } = room.config;
  const asked = query['limit'] as number | undefined;
  // Nobody asked for pages: everything comes, as Neutron does it.
  const limit = asked === undefined || asked === 0 ? null : Math.min(asked, maxLimit);
  const marker = (query['marker'] as string | undefined) ?? null;
  if (marker !== null && !/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(marker))
    throw refusals.HTTPBadRequest(`The marker '${marker.slice(0, 64)}' is no id`);
  if (marker !== null && !(await isThere(room.store, resource, marker)))
    throw unseen(context, resource, () => refusals[resource.notFound as 'NetworkNotFound'](marker));
  const reversed = query['page_reverse'] === true;
  const { firstTouch } = resource;
  const { projectId } = context.caller;
  if (firstTouch !== undefined && projectId !== null) await room.store.tx((tx) => firstTouch(tx, projectId));
  const parentId = await parentOf(openLook(context, room.store), resource, params);
  const rows = await readList(room.store, resource, {
    project: projectOf(context),
    seenBy: seenBy(resource, context),
    parentId,
    sight: sightOf(resource, context),
    wanted: wantedOf(query),
    query,
    limit,
    marker,
    reversed,
  });
  const more = limit !== null && rows.length > limit;
  if (more) rows.pop();
  if (reversed) rows.reverse();
  const items = `"${collection}":[${rows.map(({ doc }) => doc).join(',')}]`;
  if (limit === null) return { json: `{${items}}` };
  const links: { href: string; rel: string }[] = [];
  const link = (rel: string, at: string | undefined, back: boolean) => {
    if (at !== undefined) links.push({ rel, href: pageUrl(context, urlOf(resource, params), query, at, back) });
  };
  if (reversed ? marker !== null : more) link('next', rows.at(-1)?.id, false);
  if (reversed ? more : marker !== null) link('previous', rows[0]?.id, true);
  return { json: `{${items}${links.length === 0 ? '' : `,"${collection}_links":${JSON.stringify(links)}`}}` };
}

function pageUrl(
  context: RequestContext,
  path: string,
  query: HandlerInput['query'],
  marker: string,
  back: boolean,
): string {
  const next = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (name === 'marker' || name === 'page_reverse') continue;
    for (const one of [value].flat()) next.append(name, String(one));
  }
  next.append('marker', marker);
  if (back) next.append('page_reverse', 'True');
  return `${context.baseUrl}${path}?${next.toString()}`;
}
