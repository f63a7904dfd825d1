import { systemClock } from '#kernel/clock';
import { chooseAuth } from './auth/choose.ts';
import type { Auth, AuthTools, IssuedToken } from './auth/contract.ts';
import type { Cloud } from './cloud.ts';
import { Connection, type ConnectionParts } from './connection.ts';
import { errors } from './errors.ts';
import { fetchFor, type OpenSocket, socketFor } from './fetch.ts';
import { Microversion } from './microversion.ts';
import type { InputOf, LooseInput, Operation, ResponseOf } from './operation.ts';

/** A service's operations as functions. */
export type Bound<T extends Readonly<Record<string, Operation>>> = {
  readonly [K in keyof T]: Record<string, never> extends InputOf<T[K]>
    ? (input?: InputOf<T[K]>) => Promise<ResponseOf<T[K]>>
    : (input: InputOf<T[K]>) => Promise<ResponseOf<T[K]>>;
};

/** `bind(baremetal, connection).nodeShow({ params: { node_ident: 'n1' } })` */
export function bind<T extends Readonly<Record<string, Operation>>>(operations: T, connection: Connection): Bound<T> {
  const calls = Object.entries(operations).map(([name, operation]) => [
    name,
    (input: LooseInput = {}) => connection.loose(operation, input),
  ]);
  return Object.fromEntries(calls) as Bound<T>;
}

/** How to connect, beside what the cloud says. */
export interface ConnectOptions
  extends Pick<ConnectionParts, 'timeoutMs' | 'retries' | 'clock' | 'random' | 'userAgent'> {
  /** `1.72`, or `latest` (default: what the cloud says, else the newest both know). */
  version?: string | undefined;
}

/** The services of a cloud. One login serves them all. */
export interface Client {
  readonly baremetal: Connection;
  readonly identity: Connection;
  /** Policy, audit and events, which only this product has, beside its Bare Metal API. */
  readonly operations: Connection;
  /** Opens WebSockets to these servers, with the same trust. */
  readonly socket: OpenSocket;
  /** The token in use. Throws `NoToken` where the way to log in has none. */
  token(): Promise<IssuedToken>;
}

/** Makes the connections to a cloud. Nothing is sent before the first call. */
export async function connect(cloud: Cloud, options: ConnectOptions = {}): Promise<Client> {
  const auth: Auth = chooseAuth(cloud);
  const trust = { caFile: cloud.caFile, verify: cloud.verify };
  const fetch = await fetchFor(trust);
  const socket = await socketFor(trust);
  const { version, ...rest } = options;
  const wish = { region: cloud.region, interface: cloud.interface };
  const direct = cloud.endpoint?.replace(/\/+$/, '');
  // An address that was given counts more than the catalog's.
  const located: Auth =
    direct === undefined
      ? auth
      : {
          headers: (tools) => auth.headers(tools),
          renew: () => auth.renew(),
          endpoint: () => Promise.resolve(direct),
        };
  const shared = { fetch, ...rest };
  const baremetal = { ...shared, auth: located, wish: { ...wish, serviceType: 'baremetal' } };
  const baremetalVersion = new Microversion(version ?? cloud.version);
  return {
    baremetal: new Connection({ ...baremetal, version: baremetalVersion }),
    operations: new Connection(baremetal),
    socket,
    identity: new Connection({ ...shared, auth, wish: { ...wish, serviceType: 'identity' }, mount: '/identity' }),
    token() {
      const tools: AuthTools = {
        fetch,
        now: () => (options.clock ?? systemClock).now(),
        timeoutMs: options.timeoutMs ?? 60_000,
      };
      if (auth.token === undefined) throw errors.NoToken(cloud.type ?? 'none');
      return auth.token(tools);
    },
  };
}
