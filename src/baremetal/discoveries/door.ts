import type { Door, Handlers } from '#http/contract';
import { isUuid, newUuid } from '#kernel/ids';
import type { Workflow } from '#work/contract';
import { accessOf } from '../api/access.ts';
import { readConductorGroup } from '../app/node-rules.ts';
import { errors } from '../errors.ts';
import { placeName, readPlaces } from '../model/bmc-ranges.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import {
  addDiscovery,
  deleteDiscovery,
  type DiscoveryWish,
  listDiscoveries,
  listFound,
  showDiscovery,
  type ShownDiscovery,
} from '../store/discoveries.ts';
import { type DiscoverInput, LOGIN_AAD } from '../workflows/discover/discover.ts';
import { type discoveryRoutes, discoveryTable } from './routes.ts';

const CONCURRENCY = 32;
const WAIT_MS = 2_000;
const PAGE = 200;

interface Asked {
  places: string[];
  username?: string;
  password?: string;
  protocols?: DiscoveryWish['protocols'];
  certificates?: DiscoveryWish['certificates'];
  enroll?: boolean;
  conductor_group?: string;
  resource_class?: string;
  concurrency?: number;
  wait_ms?: number;
}

function shown(one: ShownDiscovery) {
  const { id, state, total, scanned, found, enrolled, error, created_at, ended_at } = one;
  return { id, state, total, scanned, found, enrolled, error, created_at, ended_at };
}

function handlers(deps: BaremetalDeps, discover: Workflow<DiscoverInput>): Handlers<typeof discoveryRoutes> {
  const { store, work, sealer } = deps;
  const found = async (id: string | undefined): Promise<ShownDiscovery> => {
    const one = id !== undefined && isUuid(id) ? await showDiscovery(store, id) : undefined;
    if (one === undefined) throw errors.NotFound();
    return one;
  };
  return {
    'discovery.list': async () => ({ body: { discoveries: (await listDiscoveries(store)).map(shown) } }),
    'discovery.create': async (context, { body }) => {
      const asked = body as Asked;
      const { actor, allows } = accessOf(context);
      if (asked.enroll === true && !allows('baremetal:node:create')) throw errors.Forbidden('baremetal:node:create');
      if ((asked.username === undefined) !== (asked.password === undefined)) {
        throw errors.Invalid('A user name needs a password, and a password a user name.');
      }
      const wish: DiscoveryWish = {
        concurrency: asked.concurrency ?? CONCURRENCY,
        waitMs: asked.wait_ms ?? WAIT_MS,
        protocols: asked.protocols ?? ['redfish', 'ipmi'],
        certificates: asked.certificates ?? 'pin',
        enroll: asked.enroll === true,
        conductorGroup: readConductorGroup(asked.conductor_group ?? deps.config.api.defaultConductorGroup),
        resourceClass: asked.resource_class ?? null,
      };
      if (work.liveHosts(wish.conductorGroup).length === 0) {
        throw errors.NoValidHost(`no conductor of group "${wish.conductorGroup}" is running`);
      }
      const places = readPlaces(asked.places).map(placeName);
      const id = newUuid();
      const { username, password } = asked;
      await store.tx(async (tx) => {
        const loginSealed = username === undefined ? null : sealer.seal({ username, password }, LOGIN_AAD);
        await addDiscovery(tx, { id, places, wish, loginSealed, ...actor });
        const input: DiscoverInput = { discovery: id, total: places.length };
        await work.enqueue(tx, discover, input, { id: workOf(id), group: wish.conductorGroup });
      });
      return { body: shown(await found(id)), headers: { Location: `${context.baseUrl}/bmc/v1/discoveries/${id}` } };
    },
    'discovery.show': async (_context, { params }) => ({ body: shown(await found(params['discovery'])) }),
    'discovery.found': async (_context, { params, query }) => {
      const { id } = await found(params['discovery']);
      const { after = '0', limit = PAGE } = query as { after?: string; limit?: number };
      const rows = await listFound(store, id, after, limit);
      const machines = rows.map(({ seq, report, node_uuid, enrolled }) => ({ seq, node_uuid, enrolled, ...report }));
      return { body: { found: machines } };
    },
    'discovery.stop': async (_context, { params }) => {
      const { id } = await found(params['discovery']);
      await store.tx((tx) => work.abort(tx, workOf(id), 'an operator stopped the search'));
      return { body: shown(await found(id)) };
    },
    'discovery.delete': async (_context, { params }) => {
      const { id, state } = await found(params['discovery']);
      if (state === 'running') throw errors.Conflict('The search is still running: stop it first.');
      await deleteDiscovery(store, id);
      return {};
    },
  };
}

const workOf = (id: string) => `discover:${id}`;

/** Searches for BMCs, ready for the server. */
export function createDiscoveryDoor(deps: BaremetalDeps, discover: Workflow<DiscoverInput>): Door {
  return {
    ...discoveryTable,
    handlers: handlers(deps, discover),
    errorBody: ({ code, message }) => ({ error: { code, message } }),
  };
}
