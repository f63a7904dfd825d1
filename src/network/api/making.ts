import type { RequestContext } from '#http/contract';
import { IngotError } from '#kernel/errors';
import { newUuid } from '#kernel/ids';
import type { Tx } from '#store/contract';
import { gatherBy } from '#store/gather';
import { type Call, type Changes, plainColumns, type Resource, type Wish } from '../model/resource.ts';
import { announceChange } from '../ovn/index.ts';
import { refusals } from '../refusals.ts';
import type { NetworkRoom } from '../room.ts';
import { readDocuments } from '../store/documents.ts';
import { quotaAllows, quotaAsked, quotaKey } from '../store/quotas.ts';
import { insertRows } from '../store/rows.ts';
import { type Later, openCall, parentOf, projectOf, sightOf, wishOf } from './request.ts';

// How rows of any resource are made. Requests of one caller that come at once, as those of Nova and Terraform do, are
// done together where the resource says that they can be: in one transaction, as if they had come as one request for
// several. When that fails each is done alone, so that none is told of the mistake of another.

type Params = Readonly<Record<string, string>>;

/** One request. */
interface Order {
  context: RequestContext;
  sent: readonly Changes[];
  params: Params;
}

/** Requests in one transaction at most, and transactions of one caller at the same time: the more wait, the more share. */
const MOST = 32;
const LANES = 1;

/** Makes what requests send; gives their documents, in order. */
export function maker(room: NetworkRoom, resource: Resource) {
  const { together } = resource;
  const gathered = gatherBy<Order & { key: string }, string[]>(
    ({ key }) => key,
    (orders) => makeAll(room, resource, orders),
    { max: MOST, lanes: LANES, turn: true, apart: didNothing },
  );
  return async (context: RequestContext, sent: readonly Changes[], params: Params): Promise<string[]> => {
    const order = { context, sent, params };
    const [one, ...more] = sent;
    const same = one === undefined || more.length > 0 ? null : (together?.(one) ?? null);
    if (same !== null) return gathered({ ...order, key: `${callerOf(context)} ${same}` });
    return (await makeAll(room, resource, [order]))[0] ?? [];
  };
}

/** After these errors it is certain that nothing was made. */
const didNothing = (error: unknown): boolean => error instanceof IngotError && error.status < 500;

/** Who sees and may do the same. */
const callerOf = ({ caller: { userId, projectId, domainId, system, auditId, roles } }: RequestContext): string =>
  JSON.stringify([userId, projectId, domainId, system, auditId, [...roles].sort()]);

async function makeAll(room: NetworkRoom, resource: Resource, orders: readonly Order[]): Promise<string[][]> {
  const later: Later = [];
  const [{ context }] = orders as readonly [Order];
  const sight = sightOf(resource, context);
  const made = await room.store.tx(async (tx) => {
    const ids = await create(room, resource, orders, { tx, later });
    announceChange(tx);
    return { ids, docs: await readDocuments({ query: tx.last }, resource, projectOf(context), ids, sight) };
  });
  const docs = (await settled(room, later))
    ? await readDocuments(room.store, resource, projectOf(context), made.ids, sight)
    : made.docs;
  let at = 0;
  return orders.map(({ sent }) => docs.slice(at, (at += sent.length)));
}

/** Does what was left for after the transaction; false when that was nothing. */
export async function settled({ store }: NetworkRoom, later: Later): Promise<boolean> {
  for (const fn of later) await fn();
  if (later.length > 0) await store.tx(async (tx) => announceChange(tx));
  return later.length > 0;
}

/** Makes what was sent; gives the ids, in order. */
async function create(
  room: NetworkRoom,
  resource: Resource,
  orders: readonly Order[],
  { tx, later }: { tx: Tx; later: Later },
): Promise<string[]> {
  const known = new Map<string, Promise<unknown>>();
  const calls = orders.map(({ context }) => openCall(room, context, tx, later, known));
  const [call] = calls as [Call];
  await resource.foresee?.(
    call,
    orders.flatMap(({ sent }) => sent),
  );
  const wishes: Wish[] = [];
  for (const [at, { sent, params }] of orders.entries()) {
    const own = calls[at] as Call;
    const parentId = await parentOf(own, resource, params);
    const parent = parentId === null ? {} : { [resource.parent?.param ?? '']: parentId };
    for (const one of sent) wishes.push(await wishOf(own, resource, { ...one, ...parent }));
  }
  await demandQuotas(call, resource, wishes);
  const rows = wishes.map((wish) => ({ ...plainColumns(resource, wish), id: newUuid(), project_id: wish.project_id }));
  if (resource.create === undefined) await insertRows(tx, resource.table, rows);
  else await resource.create(call, wishes, rows);
  return rows.map(({ id }) => id);
}

async function demandQuotas(call: Call, { quota, table }: Resource, wishes: readonly Wish[]): Promise<void> {
  if (quota === undefined) return;
  const wanted = new Map<string, number>();
  for (const { project_id: project } of wishes) wanted.set(project, (wanted.get(project) ?? 0) + 1);
  for (const [project, delta] of [...wanted].sort()) {
    const ask = () => quotaAllows(call.tx, quotaAsked(call.room.config.quotas, { ...quota, table }, project, delta));
    if (!(await call.once(quotaKey(quota.name, project, delta), ask))) throw refusals.OverQuota(quota.name);
  }
}
