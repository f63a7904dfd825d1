import { createSecureContext } from 'node:tls';
import { Client, credentials, makeClientConstructor, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import type { Clock } from '#kernel/clock';
import type { Secret } from '#kernel/secret';
import { shownCertificate } from './certificate.ts';
import { errors } from './errors.ts';
import { GNMI } from './messages.ts';

/** `[name, keys]` of each element of a path. */
export type GnmiPath = readonly (string | readonly [name: string, keys: Readonly<Record<string, string>>])[];

export interface GnmiOptions {
  host: string;
  port: number;
  username: string | null;
  password: Secret | null;
  /** PEM of authorities; null: the certificate it shows is the one it must go on showing. */
  ca: string | null;
  certificate: string | null;
  certificateKey: Secret | null;
  /** `SHA256:…` of the certificate it must show; null: any, and the caller keeps `shownKey`. */
  pin: string | null;
  clock: Clock;
  callMs: number;
}

interface Change {
  delete: readonly GnmiPath[];
  replace: readonly { path: GnmiPath; value: unknown }[];
  update: readonly { path: GnmiPath; value: unknown }[];
}

type Call = (
  request: object,
  metadata: Metadata,
  options: object,
  done: (error: ServiceError | null, reply: unknown) => void,
) => { cancel(): void };

const LOADED = fromJSON(GNMI as unknown as Parameters<typeof fromJSON>[0], {
  keepCase: true,
  longs: String,
  enums: String,
  oneofs: true,
  defaults: true,
});
const GnmiStub = makeClientConstructor(LOADED['gnmi.gNMI'] as never, 'gNMI');
const wirePath = (path: GnmiPath) => ({
  elem: path.map((one) => (typeof one === 'string' ? { name: one } : { name: one[0], key: one[1] })),
});

/** A switch that speaks gNMI over TLS. */
export class GnmiClient {
  /** `SHA256:…` of the certificate it showed. */
  readonly shownKey: string;
  readonly #where: string;
  readonly #stub: Client;
  readonly #options: GnmiOptions;
  #closed = false;

  private constructor(stub: Client, shownKey: string, options: GnmiOptions) {
    this.#stub = stub;
    this.shownKey = shownKey;
    this.#options = options;
    this.#where = `${options.host}:${options.port}`;
  }

  /** Looks at its certificate first: the password goes to nobody else. Throws `GnmiUnreachable`, `GnmiOtherKey`. */
  static async open(options: GnmiOptions, signal: AbortSignal): Promise<GnmiClient> {
    const { host, port, ca, certificate, certificateKey, pin, clock, callMs } = options;
    signal.throwIfAborted();
    const shown = await shownCertificate(host, port, clock, callMs);
    if (pin !== null && shown.key !== pin) throw errors.GnmiOtherKey(`${host}:${port}`, shown.key);
    const context = createSecureContext({
      ca: ca ?? shown.pem,
      // The certificate itself may be trusted, whoever signed it.
      allowPartialTrustChain: ca === null,
      ...(certificate === null ? {} : { cert: certificate }),
      ...(certificateKey === null ? {} : { key: certificateKey.reveal() }),
      minVersion: 'TLSv1.2',
    });
    // Without an authority it is this very certificate that is trusted, whatever name it bears.
    const verify = ca === null ? { checkServerIdentity: () => undefined } : {};
    const stub = new GnmiStub(
      host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
      credentials.createFromSecureContext(context, verify),
      { 'grpc.max_receive_message_length': 32 * 1024 * 1024, 'grpc.enable_retries': 0 },
    );
    return new GnmiClient(stub as unknown as Client, shown.key, options);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The configuration below a path, names of modules taken off. Throws what `set` does, and `GnmiGarbage`. */
  async get(path: GnmiPath, signal: AbortSignal): Promise<unknown> {
    const reply = (await this.#call(
      'Get',
      { path: [wirePath(path)], type: 'CONFIG', encoding: 'JSON_IETF' },
      signal,
    )) as { notification: { update: { val: { json_ietf_val?: Buffer; json_val?: Buffer } | null }[] }[] };
    const value = reply.notification[0]?.update[0]?.val;
    const bytes = value?.json_ietf_val ?? value?.json_val;
    if (bytes === undefined) return undefined;
    try {
      return unprefixed(JSON.parse(Buffer.from(bytes).toString('utf8')));
    } catch (error) {
      throw errors.GnmiGarbage(this.#where, error instanceof Error ? error.message : String(error));
    }
  }

  /** One transaction: all of it or none. Throws `GnmiRefused`, `GnmiBusy`, `GnmiLogin`, `GnmiCut`. */
  async set(change: Change, signal: AbortSignal): Promise<void> {
    const wire = ({ path, value }: { path: GnmiPath; value: unknown }) => ({
      path: wirePath(path),
      val: { json_ietf_val: Buffer.from(JSON.stringify(value)) },
    });
    const request = {
      delete: change.delete.map(wirePath),
      replace: change.replace.map(wire),
      update: change.update.map(wire),
    };
    await this.#call('Set', request, signal);
  }

  close(): void {
    this.#closed = true;
    this.#stub.close();
  }

  #call(method: 'Get' | 'Set', request: object, signal: AbortSignal): Promise<unknown> {
    const { username, password, callMs, clock } = this.#options;
    signal.throwIfAborted();
    const metadata = new Metadata();
    if (username !== null) metadata.set('username', username);
    if (password !== null) metadata.set('password', password.reveal());
    const call = (this.#stub as unknown as Record<string, Call>)[method] as Call;
    return new Promise((resolve, reject) => {
      const running = call.call(this.#stub, request, metadata, { deadline: clock.now() + callMs }, (error, reply) => {
        signal.removeEventListener('abort', cancel);
        if (error === null) resolve(reply);
        else reject(signal.aborted ? (signal.reason as Error) : this.#failure(method, error));
      });
      const cancel = () => running.cancel();
      signal.addEventListener('abort', cancel, { once: true });
    });
  }

  #failure(what: string, error: ServiceError): Error {
    const why = error.details.slice(0, 300);
    const facts = { cause: error, details: { status: error.code } };
    switch (error.code) {
      case status.UNAUTHENTICATED:
      case status.PERMISSION_DENIED:
        return errors.GnmiLogin(this.#where, why, facts);
      case status.RESOURCE_EXHAUSTED:
        return errors.GnmiBusy(this.#where, why, facts);
      case status.UNAVAILABLE:
      case status.DEADLINE_EXCEEDED:
      case status.CANCELLED:
      case status.UNKNOWN:
      case status.INTERNAL:
        this.close();
        return errors.GnmiCut(this.#where, what, why, facts);
      default:
        return errors.GnmiRefused(this.#where, what, why, facts);
    }
  }
}

/** Keys without their module (`openconfig-vlan:config`), at every depth. */
function unprefixed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unprefixed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.replace(/^.*:/, ''), unprefixed(inner)]));
}
