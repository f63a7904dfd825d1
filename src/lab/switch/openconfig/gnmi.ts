import { X509Certificate } from 'node:crypto';
import { createHash } from 'node:crypto';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { selfSigned } from '#kernel/certificate';
import { type Clock, systemClock } from '#kernel/clock';
import { systemRandom } from '#kernel/random';
import { LabSwitchDevice } from '../device.ts';
import { copyConfig, freshConfig, type LabConfig } from '../state.ts';
import { GNMI_SERVER } from './gnmi-messages.ts';
import { aclTree, checkAcls, putAclInterface, putAclSet, removeAclInterface, removeAclSet } from './acl.ts';
import {
  addVlan,
  BadEdit,
  interfaceAt,
  interfaceTrees,
  removeInterface,
  setAggregate,
  setFacts,
  setVlans,
  type Tree,
  vlanTrees,
} from './tree.ts';

interface Elem {
  name: string;
  key: Record<string, string>;
}
interface Path {
  elem: Elem[];
}
interface Update {
  path: Path;
  val: { json_ietf_val: Buffer };
}
interface SetRequest {
  delete: Path[];
  replace: Update[];
  update: Update[];
}

const YEAR_MS = 365 * 86_400_000;
const loaded = fromJSON(GNMI_SERVER as unknown as Parameters<typeof fromJSON>[0], { keepCase: true, defaults: true });

export interface GnmiSwitchOptions {
  ports?: number;
  /** Where it listens; default any. */
  port?: number;
  username?: string;
  password?: string;
  clock?: Clock;
}

/** A switch that speaks gNMI with OpenConfig models over TLS, on 127.0.0.1. It forwards nothing. */
export class EmulatedGnmiSwitch {
  readonly device: LabSwitchDevice;
  readonly fingerprint: string;
  readonly #server = new Server();
  readonly #clock: Clock;
  readonly #keys: { key: string; cert: string };
  readonly #login: { username: string; password: string };
  port = 0;

  private constructor(options: GnmiSwitchOptions) {
    this.#clock = options.clock ?? systemClock;
    const names = Array.from({ length: options.ports ?? 8 }, (_, i) => `Ethernet${i * 4}`);
    this.device = new LabSwitchDevice(freshConfig(names), this.#clock);
    this.#login = { username: options.username ?? 'admin', password: options.password ?? 'switch' };
    const now = this.#clock.now();
    this.#keys = selfSigned(
      {
        commonName: 'sonic1',
        organization: 'Lab',
        names: ['sonic1'],
        notBefore: new Date(now - 86_400_000),
        notAfter: new Date(now + YEAR_MS),
      },
      systemRandom,
    );
    const { raw } = new X509Certificate(this.#keys.cert);
    this.fingerprint = `SHA256:${createHash('sha256').update(raw).digest('base64').replace(/=+$/, '')}`;
    this.#server.addService(loaded['gnmi.gNMI'] as never, {
      Get: (call: ServerUnaryCall<{ path: Path[] }, unknown>, done: sendUnaryData<unknown>) =>
        void this.#run(call, done, () => this.#get(call.request.path[0])),
      Set: (call: ServerUnaryCall<SetRequest, unknown>, done: sendUnaryData<unknown>) =>
        void this.#run(call, done, () => this.#set(call.request)),
    });
  }

  static async start(options: GnmiSwitchOptions = {}): Promise<EmulatedGnmiSwitch> {
    const made = new EmulatedGnmiSwitch(options);
    await made.listen(options.port ?? 0);
    return made;
  }

  /** Listens again where it did, as after a restart. */
  async listen(port: number): Promise<void> {
    const pair = { private_key: Buffer.from(this.#keys.key), cert_chain: Buffer.from(this.#keys.cert) };
    const tls = ServerCredentials.createSsl(null, [pair], false);
    this.port = await new Promise<number>((resolve, reject) =>
      this.#server.bindAsync(`127.0.0.1:${port}`, tls, (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
  }

  async stop(): Promise<void> {
    this.#server.forceShutdown();
  }

  async #run(
    call: ServerUnaryCall<unknown, unknown>,
    done: sendUnaryData<unknown>,
    work: () => unknown,
  ): Promise<void> {
    const { device } = this;
    const fail = (code: number, details: string) => done({ code, details });
    if (device.faults.slowMs > 0) await this.#clock.sleep(device.faults.slowMs);
    const [username] = call.metadata.get('username');
    const [password] = call.metadata.get('password');
    if (username !== this.#login.username || password !== this.#login.password) {
      return fail(status.UNAUTHENTICATED, 'bad user name or password');
    }
    if (device.faults.sessions === 0) return fail(status.RESOURCE_EXHAUSTED, 'too many sessions');
    try {
      const reply = work();
      if (reply === undefined) return fail(status.UNAVAILABLE, 'the connection was cut');
      done(null, reply);
    } catch (error) {
      if (!(error instanceof BadEdit)) throw error;
      fail(error instanceof NotThere ? status.NOT_FOUND : status.INVALID_ARGUMENT, error.message);
    }
  }

  #get(path: Path | undefined): object {
    const { running } = this.device;
    const first = path?.elem[0]?.name;
    if (first === 'acl' && running.lists.size === 0) throw new NotThere('/acl is not there');
    const value =
      first === 'interfaces'
        ? { 'openconfig-interfaces:interface': interfaceTrees(running) }
        : first === 'acl'
          ? aclTree(running, (module, identity) => `${module}:${identity}`)
          : { 'openconfig-network-instance:vlan': vlanTrees(running) };
    return { notification: [{ update: [{ path, val: { json_ietf_val: Buffer.from(JSON.stringify(value)) } }] }] };
  }

  /** All of it or none. undefined: it was done, and the answer is lost. */
  #set(request: SetRequest): object | undefined {
    const { device } = this;
    const cut = device.wrote();
    const draft = copyConfig(device.running);
    if (device.commitFails()) throw new BadEdit('the change could not be committed');
    for (const path of request.delete) remove(draft, path.elem);
    for (const { path, val } of [...request.replace, ...request.update].sort(bondsFirst)) {
      write(draft, path.elem, plain(JSON.parse(val.json_ietf_val.toString('utf8'))), device.faults.refusedVlan);
    }
    checkAcls(draft);
    device.running = draft;
    device.save();
    return cut ? undefined : { timestamp: '0' };
  }
}

/** A node without anything in it. */
class NotThere extends BadEdit {}

/** VLANs before who uses them, bonds before their members: in one transaction the order of a request says nothing. */
function bondsFirst(a: Update, b: Update): number {
  const weight = ({ path: { elem } }: Update) =>
    elem[0]?.name === 'network-instances' ? 0 : elem[1]?.key['name']?.startsWith('Port-Channel') === true ? 1 : 2;
  return weight(a) - weight(b);
}

function remove(config: LabConfig, elem: readonly Elem[]): void {
  const name = elem[1]?.key['name'] ?? '';
  if (elem[0]?.name === 'acl') {
    const { name: node, key } = elem.at(-1) as Elem;
    if (node === 'acl-set') removeAclSet(config, key['name'] ?? '', key['type'] ?? '');
    else if (node === 'interface') removeAclInterface(config, key['id'] ?? '');
    else throw new BadEdit(`no such path: acl/…/${node}`);
    return;
  }
  if (elem[0]?.name !== 'interfaces') return;
  if (elem.at(-1)?.name === 'aggregate-id') setAggregate(config, interfaceAt(config, name), null);
  else removeInterface(config, name);
}

function write(config: LabConfig, elem: readonly Elem[], value: unknown, refused: number | null): void {
  if (elem[0]?.name === 'network-instances') {
    const facts = (value as Tree)['config'] as Tree;
    addVlan(config, Number(elem.at(-1)?.key['vlan-id']), String(facts['name']));
    return;
  }
  if (elem[0]?.name === 'acl') {
    const node = elem.at(-1)?.name;
    if (node === 'acl-set') putAclSet(config, value as Tree);
    else if (node === 'interface') putAclInterface(config, value as Tree);
    else throw new BadEdit(`no such path: acl/…/${node}`);
    return;
  }
  if (elem[0]?.name !== 'interfaces') return;
  const port = interfaceAt(config, elem[1]?.key['name'] ?? '');
  switch (elem.at(-1)?.name) {
    case 'interface': {
      const tree = value as Tree;
      setFacts(port, (tree['config'] ?? {}) as Tree);
      const facts = (tree['aggregation'] as Tree | undefined)?.['config'] as Tree | undefined;
      if (facts !== undefined) port.channelMode = facts['lag-type'] === 'LACP' ? 'active' : 'on';
      return;
    }
    case 'config':
      setFacts(port, value as Tree);
      return;
    case 'aggregate-id':
      setAggregate(config, port, String(value));
      return;
    case 'switched-vlan':
      setVlans(config, port, (value as Tree)['config'] as Tree, refused);
      return;
    default:
      throw new BadEdit(`no such path: ${elem.map(({ name }) => name).join('/')}`);
  }
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key.slice(key.indexOf(':') + 1), plain(one)]));
}
