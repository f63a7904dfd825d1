import { IngotError, messageOf } from '#kernel/errors';
import { GnmiClient, type GnmiPath } from '#protocols/gnmi/client';
import { errors } from '../../errors.ts';
import { readAddress } from '../address.ts';
import type { ChangeSet, DriverParts, SwitchDriver, SwitchReading, SwitchSession, SwitchTarget } from '../contract.ts';
import type { OcFilterEdit } from './acl.ts';
import { aclSet } from './acl-gnmi.ts';
import { readAcls } from './acl-read.ts';
import {
  bondNamer,
  editsFor,
  filtersWith,
  groupOf,
  instanceOf,
  OC_ABILITIES,
  OC_PORT,
  ocAbilities,
  type OcEdit,
  type OcInterface,
  type OcVlan,
  readingOf,
  readTrunk,
} from './model.ts';

const USUAL_PORT = 9339;

/** gNMI over TLS with OpenConfig models. A Set is one transaction, and the switch keeps what it took. */
export class GnmiDriver implements SwitchDriver {
  readonly abilities = OC_ABILITIES;
  readonly abilitiesWith = ocAbilities;
  readonly isolates = false;
  readonly lagRange = [101, 128] as const;
  readonly #parts: DriverParts;

  constructor(parts: DriverParts) {
    this.#parts = parts;
  }

  portName(text: string): string | null {
    return OC_PORT.test(text) ? text : null;
  }

  async open(target: SwitchTarget, signal: AbortSignal): Promise<SwitchSession> {
    const { clock, callMs = 30_000 } = this.#parts;
    const { host, port } = readAddress(target.address, USUAL_PORT);
    const { username, password, ca, certificate, certificateKey } = target.login;
    const options = {
      host,
      port,
      username,
      password,
      ca,
      certificate,
      certificateKey,
      pin: target.hostKey,
      clock,
      callMs,
    };
    try {
      const client = await GnmiClient.open(options, signal);
      const session = new GnmiSwitch(client, target);
      try {
        // A connection of gRPC says nothing before the first call: whether the login is right, and there is room.
        await session.read(signal);
      } catch (error) {
        client.close();
        throw error;
      }
      return session;
    } catch (error) {
      if (!(error instanceof IngotError) || error.code.startsWith('Switch')) throw error;
      if (error.code === 'GnmiOtherKey') throw errors.SwitchOtherKey(target.name, error.message, { cause: error });
      throw errors.SwitchUnreachable(target.name, messageOf(error), { cause: error });
    }
  }
}

class GnmiSwitch implements SwitchSession {
  readonly shownKey: string;
  readonly #client: GnmiClient;
  readonly #target: SwitchTarget;

  constructor(client: GnmiClient, target: SwitchTarget) {
    this.#client = client;
    this.#target = target;
    this.shownKey = client.shownKey;
  }

  get closed(): boolean {
    return this.#client.closed;
  }

  async read(signal: AbortSignal): Promise<SwitchReading> {
    const { options, parkingVlan, name } = this.#target;
    const filters = filtersWith(options).length > 0;
    const [interfaces, vlans, acl] = await this.#told(() =>
      Promise.all([
        this.#client.get(['interfaces'], signal),
        this.#client.get(['network-instances', ['network-instance', { name: instanceOf(options) }], 'vlans'], signal),
        filters ? this.#client.get(['acl'], signal).catch(whereNone) : undefined,
      ]),
    );
    const list = listIn(interfaces, 'interface').map(readInterface);
    if (list.length === 0) throw errors.SwitchGarbage(name, 'it has no OpenConfig interfaces');
    const ids = new Set([1, ...listIn(vlans, 'vlan').map((one) => Number((one as Json)['vlan-id']))]);
    return readingOf(list, ids, parkingVlan, filters ? readAcls(acl) : null);
  }

  async apply(changes: ChangeSet, signal: AbortSignal): Promise<void> {
    const { options, parkingVlan } = this.#target;
    const edits = editsFor(changes, bondNamer(options), parkingVlan);
    if (edits.length > 0) await this.#told(() => this.#client.set(setOf(edits, instanceOf(options)), signal));
  }

  /** What a Set changed is kept by the switch itself. */
  async save(): Promise<void> {}

  async close(): Promise<void> {
    this.#client.close();
  }

  async #told<T>(call: () => Promise<T>): Promise<T> {
    const { name } = this.#target;
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof IngotError)) throw error;
      const cause = { cause: error };
      switch (error.code) {
        case 'GnmiLogin':
          throw errors.SwitchLogin(name, error.message, cause);
        case 'GnmiBusy':
          throw errors.SwitchBusy(name, error.message, cause);
        case 'GnmiRefused':
          throw errors.SwitchRefused(name, 'the change', error.message, cause);
        case 'GnmiGarbage':
          throw errors.SwitchGarbage(name, error.message, cause);
        default:
          throw errors.SwitchCut(name, error.message, cause);
      }
    }
  }
}

/** NOT_FOUND of gRPC. */
const NOT_FOUND = 5;

/** A switch without any filter may say that there is no such node (gNMI specification, 3.3.4). */
function whereNone(error: unknown): undefined {
  if (error instanceof IngotError && error.details?.['status'] === NOT_FOUND) return undefined;
  throw error;
}

type Json = Readonly<Record<string, unknown>>;
const listIn = (value: unknown, name: string): readonly unknown[] => {
  const list = (value as Json | undefined)?.[name];
  return Array.isArray(list) ? list : [];
};
const dig = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? (at as Json)[name] : undefined), value);

function readInterface(one: unknown): OcInterface {
  const name = String(dig(one, 'name') ?? '');
  const config = dig(one, 'aggregation', 'switched-vlan', 'config') ?? dig(one, 'ethernet', 'switched-vlan', 'config');
  const mode = dig(config, 'interface-mode');
  const number = (said: unknown) => (said === undefined ? null : Number(said));
  const text = (said: unknown) => (typeof said === 'string' ? said : null);
  const items = listIn(config, 'trunk-vlans') as (string | number)[];
  const trunk = readTrunk(items);
  return {
    name,
    bond: groupOf(name) !== null || /ieee8023adLag/.test(String(dig(one, 'config', 'type'))),
    enabled: dig(one, 'config', 'enabled') !== false,
    mtu: number(dig(one, 'config', 'mtu')),
    description: text(dig(one, 'config', 'description')),
    aggregate: text(dig(one, 'ethernet', 'config', 'aggregate-id')),
    lacp: dig(one, 'aggregation', 'config', 'lag-type') !== 'STATIC',
    vlan:
      mode === 'ACCESS' || mode === 'TRUNK'
        ? {
            mode,
            access: number(dig(config, 'access-vlan')),
            native: number(dig(config, 'native-vlan')),
            trunk: items.length === 0 || trunk.length >= 4094 ? 'all' : trunk,
          }
        : null,
  };
}

const vlanValue = (vlan: OcVlan) => ({
  'openconfig-vlan:config': {
    'interface-mode': vlan.mode,
    ...(vlan.access === null ? {} : { 'access-vlan': vlan.access }),
    ...(vlan.native === null ? {} : { 'native-vlan': vlan.native }),
    ...(vlan.mode === 'TRUNK' ? { 'trunk-vlans': vlan.trunk === 'all' ? ['1..4094'] : vlan.trunk } : {}),
  },
});

/** The Set that makes the changes. */
function setOf(edits: readonly OcEdit[], instance: string) {
  const gone: GnmiPath[] = [];
  const replace: { path: GnmiPath; value: unknown }[] = [];
  const update: { path: GnmiPath; value: unknown }[] = [];
  const filters: OcFilterEdit[] = [];
  const at = (name: string, ...rest: GnmiPath): GnmiPath => ['interfaces', ['interface', { name }], ...rest];
  const lacp = (name: string): GnmiPath => ['lacp', 'interfaces', ['interface', { name }]];
  for (const edit of edits) {
    switch (edit.kind) {
      case 'vlan': {
        const id = edit.id;
        update.push({
          path: [
            'network-instances',
            ['network-instance', { name: instance }],
            'vlans',
            ['vlan', { 'vlan-id': String(id) }],
          ],
          value: { 'vlan-id': id, config: { 'vlan-id': id, name: `ingot-${id}` } },
        });
        break;
      }
      case 'bond': {
        const { name } = edit;
        const mtu = edit.mtu === null ? {} : { mtu: edit.mtu };
        update.push({
          path: at(name),
          value: {
            name,
            config: { name, type: 'iana-if-type:ieee8023adLag', enabled: true, ...mtu },
            'openconfig-if-aggregate:aggregation': { config: { 'lag-type': edit.lacp ? 'LACP' : 'STATIC' } },
          },
        });
        replace.push({ path: at(name, 'aggregation', 'switched-vlan'), value: vlanValue(edit.vlan) });
        const facts = { name, interval: 'FAST', 'lacp-mode': 'ACTIVE' };
        if (edit.lacp) update.push({ path: lacp(name), value: { name, config: facts } });
        else if (!edit.create) gone.push(lacp(name));
        break;
      }
      case 'port': {
        const { name, enabled, mtu, description } = edit;
        const facts = {
          name,
          enabled,
          ...(mtu === null ? {} : { mtu }),
          ...(description === null ? {} : { description }),
        };
        update.push({ path: at(name, 'config'), value: facts });
        const path = at(name, 'ethernet', 'config', 'aggregate-id');
        // Deletions come first: a bond that goes in the same change has no members by then.
        if (edit.aggregate === null || edit.leaves) gone.push(path);
        if (typeof edit.aggregate === 'string') update.push({ path, value: edit.aggregate });
        if (edit.vlan !== undefined)
          replace.push({ path: at(name, 'ethernet', 'switched-vlan'), value: vlanValue(edit.vlan) });
        break;
      }
      case 'remove bond':
        gone.push(at(edit.name), lacp(edit.name));
        break;
      case 'filters':
        filters.push(edit);
        break;
    }
  }
  const acl = aclSet(filters);
  return { delete: [...acl.gone, ...gone], replace: [...replace, ...acl.replace], update };
}
