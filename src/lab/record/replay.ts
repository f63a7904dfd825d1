import { type Clock, systemClock } from '#kernel/clock';
import { type Random, systemRandom } from '#kernel/random';
import type { BmcNetwork } from '../bmc/bmc.ts';
import type { RedfishAnswer, RedfishRequest } from '../bmc/redfish/door.ts';
import { tagOf } from '../bmc/redfish/etag.ts';
import { masked } from '../bmc/redfish/masked.ts';
import { applyQuery } from '../bmc/redfish/query.ts';
import { isJson, type Json } from '../bmc/redfish/resource.ts';
import { RedfishServer, type RedfishServerOptions } from '../bmc/redfish/server.ts';
import type { Door, Served } from '../bmc/redfish/served.ts';
import { errorBody, type Refusal, refuse } from '../bmc/refusal.ts';
import { ActiveEffects, type MachineFacts } from '../faults/active.ts';
import type { Credentials } from '../lab-machine.ts';
import type { Ledger } from '../ledger.ts';
import { type Tree, treePath } from './tree.ts';

/** What a Reset makes of PowerState; types that are not here leave it. */
const POWER: Record<string, string> = {
  On: 'On',
  ForceOn: 'On',
  ForceRestart: 'On',
  GracefulRestart: 'On',
  PowerCycle: 'On',
  ForceOff: 'Off',
  GracefulShutdown: 'Off',
};

/**
 * Serves a recorded tree as its BMC would: reads as recorded, PATCH kept in memory, Reset moves PowerState,
 * media go in and out, any other action is acknowledged. Every write is in the ledger; all faults can be
 * switched on.
 */
export class ReplayDoor implements Door {
  readonly #tree: Tree;
  readonly #host: ReplayHost;
  readonly #ledger: Ledger;
  readonly #credentials: Credentials;
  readonly #tokens = new Set<string>();

  constructor(host: ReplayHost, tree: Tree, ledger: Ledger, credentials: Credentials) {
    this.#host = host;
    this.#tree = new Map(tree);
    this.#ledger = ledger;
    this.#credentials = credentials;
  }

  close(): void {}

  async answer(request: RedfishRequest): Promise<RedfishAnswer> {
    try {
      return this.#answer(request);
    } catch (error) {
      const refusal = error as Refusal;
      return { status: refusal.status ?? 500, body: errorBody(refusal) };
    }
  }

  #answer(request: RedfishRequest): RedfishAnswer {
    const path = treePath(request.path);
    const { method } = request;
    if (path === '/redfish') return { status: 200, body: { v1: '/redfish/v1/' } };
    const sessions = path === '/redfish/v1/SessionService/Sessions';
    if (method === 'POST' && sessions) return this.#login(request);
    if (path !== '/redfish/v1' && !this.#mayEnter(request)) throw refuse('NoValidSession');
    if (method === 'GET' || method === 'HEAD') return this.#read(path, request);
    this.#ledger.add(
      this.#host.name,
      'request',
      { channel: 'redfish', address: request.address, user: this.#credentials.name },
      `${method} ${path}`,
      {
        body: masked(request.body),
      },
    );
    if (method === 'DELETE') return { status: 204 };
    const body = isJson(request.body) ? request.body : {};
    if (method === 'POST') return this.#act(path, body);
    if (method !== 'PATCH') throw refuse('OperationNotAllowed');
    return { status: 200, body: this.#change(path, body) };
  }

  #read(path: string, request: RedfishRequest): RedfishAnswer {
    this.#host.counters.reads++;
    const body = this.#tree.get(path);
    if (body === undefined) throw refuse('ResourceMissingAtURI', path);
    const asked =
      [...request.query].length === 0 ? body : applyQuery(body, request.query, (p) => this.#tree.get(treePath(p)));
    return { status: 200, body: asked, tag: tagOf(body) };
  }

  #change(path: string, change: Json): Json {
    this.#host.counters.writes++;
    const body = this.#tree.get(path);
    if (body === undefined) throw refuse('ResourceMissingAtURI', path);
    const next = merged(body, change);
    this.#tree.set(path, next);
    return next;
  }

  #act(path: string, body: Json): RedfishAnswer {
    const at = path.indexOf('/Actions/');
    if (at < 0) throw refuse('OperationNotAllowed');
    const owner = path.slice(0, at);
    const action = path.slice(at + '/Actions/'.length);
    if (action === 'ComputerSystem.Reset') {
      const power = POWER[String(body['ResetType'])];
      if (power !== undefined) this.#change(owner, { PowerState: power });
    } else if (action === 'VirtualMedia.InsertMedia')
      this.#change(owner, { Image: body['Image'], Inserted: true, ConnectedVia: 'URI' });
    else if (action === 'VirtualMedia.EjectMedia')
      this.#change(owner, { Image: null, Inserted: false, ConnectedVia: 'NotConnected' });
    else if (!this.#tree.has(owner)) throw refuse('ResourceMissingAtURI', path);
    return { status: 204 };
  }

  #login(request: RedfishRequest): RedfishAnswer {
    const body = isJson(request.body) ? request.body : {};
    if (body['UserName'] !== this.#credentials.name || body['Password'] !== this.#credentials.password)
      throw refuse('NoValidSession');
    const token = this.#host.random.bytes(16).toString('hex');
    this.#tokens.add(token);
    const id = `/redfish/v1/SessionService/Sessions/${this.#tokens.size}`;
    return {
      status: 201,
      body: { '@odata.id': id, UserName: this.#credentials.name },
      headers: { 'x-auth-token': token, location: id },
    };
  }

  #mayEnter(request: RedfishRequest): boolean {
    const token = request.headers['x-auth-token'];
    if (typeof token === 'string') return this.#tokens.has(token);
    const { name, password } = this.#credentials;
    return request.headers.authorization === `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  }
}

/** Objects are merged member by member; anything else is replaced (RFC 7386, but null stays null). */
function merged(body: Json, change: Json): Json {
  const out = { ...body };
  for (const [key, value] of Object.entries(change)) {
    const held = out[key];
    out[key] = isJson(held) && isJson(value) ? merged(held, value) : value;
  }
  return out;
}

/** What stands in for a BMC behind a recorded tree. */
class ReplayHost implements Served {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly effects: ActiveEffects;
  readonly counters = {
    reads: 0,
    writes: 0,
    logins: 0,
    ipmiTries: 0,
    concurrent: 0,
    maxConcurrent: 0,
    connections: 0,
    ipmiCommands: 0,
  };
  readonly rebooting = false;
  network: BmcNetwork = { address: '127.0.0.1', redfishPort: 0, ipmiPort: 0, sshPort: 0, vncPort: 0, mac: '' };

  constructor(name: string, clock: Clock, random: Random) {
    this.name = name;
    this.clock = clock;
    this.random = random;
    this.effects = new ActiveEffects(clock, random);
  }

  facts(): MachineFacts {
    return {
      power: 'on',
      post: false,
      powerChangedAt: Number.NEGATIVE_INFINITY,
      poweredOffAt: Number.NEGATIVE_INFINITY,
    };
  }

  onReboot(): void {}
}

export interface ReplayOptions extends RedfishServerOptions {
  name: string;
  ledger: Ledger;
  credentials: Credentials;
  clock?: Clock;
  random?: Random;
}

/** A replayed BMC: its server, and the switchboard of its faults. */
export interface Replay {
  server: RedfishServer<ReplayDoor>;
  effects: ActiveEffects;
  counters: ReplayHost['counters'];
}

/** Serves a tree on the network. */
export async function replay(tree: Tree, options: ReplayOptions): Promise<Replay> {
  const host = new ReplayHost(options.name, options.clock ?? systemClock, options.random ?? systemRandom);
  const door = new ReplayDoor(host, tree, options.ledger, options.credentials);
  const server = await RedfishServer.listen(host, door, options);
  return { server, effects: host.effects, counters: host.counters };
}
