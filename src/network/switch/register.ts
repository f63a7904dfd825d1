import { IngotError } from '#kernel/errors';
import { newUuid } from '#kernel/ids';
import type { Sealer, Store } from '#store/contract';
import { readAddress } from './drivers/address.ts';
import { DRIVER_NAMES, type SwitchDrivers } from './drivers/registry.ts';
import { errors } from './errors.ts';
import { loginPlace, type SealedLogin, switchOf } from './known.ts';
import { TOPIC } from './service.ts';
import { portsOf } from './store/ports.ts';
import {
  deleteSwitch,
  insertSwitch,
  type NewSwitch,
  type SwitchRow,
  updateSwitch,
  wantReading,
} from './store/switches.ts';

/** The VLAN where ports stand that carry nothing, unless another is chosen: the last that Nexus leaves to people. */
export const PARKING_VLAN = 3967;

/** What may be said of a switch; undefined leaves it, null empties it. */
export interface SwitchSettings {
  name?: string;
  description?: string;
  driver?: string;
  platform?: string | null;
  address?: string;
  chassis_id?: string | null;
  username?: string | null;
  password?: string | null;
  private_key?: string | null;
  enable_password?: string | null;
  ca?: string | null;
  certificate?: string | null;
  certificate_key?: string | null;
  host_key?: string | null;
  physical_network?: string | null;
  conductor_group?: string;
  parking_vlan?: number;
  drift?: 'repair' | 'report';
  enabled?: boolean;
  options?: Record<string, string>;
  port_names?: Record<string, string>;
}

interface Parts {
  store: Store;
  sealer: Sealer;
  drivers: SwitchDrivers;
}

const SECRETS = ['password', 'private_key', 'enable_password', 'certificate_key'] as const;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const REMOTE = /^(?:(?:tcp|ssl):(?:\[[0-9a-fA-F:.]+\]|[^\s:/,]+):\d{1,5}|unix:\/[^\s,]+)$/;

/** Registers a switch; a conductor reads it at once. Throws `SwitchBadSetting`, `SwitchExists`. Gives its id. */
export async function addSwitch(parts: Parts, settings: SwitchSettings): Promise<string> {
  const id = newUuid();
  const { name, driver, address } = settings;
  if (name === undefined) throw errors.SwitchBadSetting('name', 'is missing');
  if (driver === undefined) throw errors.SwitchBadSetting('driver', 'is missing');
  if (address === undefined) throw errors.SwitchBadSetting('address', 'is missing');
  const row: NewSwitch = {
    id,
    description: '',
    platform: null,
    chassis_id: null,
    username: null,
    ca: null,
    certificate: null,
    host_key: null,
    physical_network: null,
    conductor_group: '',
    parking_vlan: PARKING_VLAN,
    drift: 'repair',
    enabled: true,
    options: '{}',
    port_names: '{}',
    ...columnsOf(settings),
    name,
    driver: driver as SwitchRow['driver'],
    address,
    login_sealed: parts.sealer.seal(secretsOf({}, settings), loginPlace(id)),
  };
  check(parts, row);
  await unique(row, () =>
    parts.store.tx(async (tx) => {
      await insertSwitch(tx, row);
      await wantReading(tx, [id]);
      tx.changed(TOPIC, '*');
    }),
  );
  return id;
}

/** Changes one. Throws as `addSwitch`, and `SwitchUnknown`. */
export async function setSwitch(parts: Parts, said: string, settings: SwitchSettings): Promise<string> {
  const row = await switchOf(parts.store, { switchId: said });
  const before = parts.sealer.open<SealedLogin>(row.login_sealed, loginPlace(row.id));
  const changed: Partial<NewSwitch> = {
    ...columnsOf(settings),
    login_sealed: parts.sealer.seal(secretsOf(before, settings), loginPlace(row.id)),
  };
  // Another address is another switch: what it shows is new.
  if (settings.address !== undefined && settings.address !== row.address && settings.host_key === undefined) {
    changed.host_key = null;
  }
  check(parts, { ...row, ...changed });
  await unique({ ...row, ...changed }, () =>
    parts.store.tx(async (tx) => {
      await updateSwitch(tx, row.id, changed);
      await wantReading(tx, [row.id]);
      tx.changed(TOPIC, '*');
    }),
  );
  return row.id;
}

/** Forgets one; its ports stay as they are. Throws `SwitchUnknown`, `SwitchInUse`. */
export async function removeSwitch(parts: Pick<Parts, 'store'>, said: string, force: boolean): Promise<void> {
  const { id, name } = await switchOf(parts.store, { switchId: said });
  const used = (await portsOf(parts.store, id)).filter(({ plan }) => plan !== null).length;
  if (used > 0 && !force) throw errors.SwitchInUse(name, used);
  await parts.store.tx(async (tx) => {
    await deleteSwitch(tx, id);
    tx.changed(TOPIC, '*');
  });
}

const APART: ReadonlySet<string> = new Set([...SECRETS, 'options', 'port_names', 'chassis_id']);

function columnsOf(settings: SwitchSettings): Partial<NewSwitch> {
  const { options, port_names, chassis_id } = settings;
  const plain = Object.entries(settings).filter(([name, value]) => value !== undefined && !APART.has(name));
  return {
    ...(Object.fromEntries(plain) as Partial<NewSwitch>),
    ...(chassis_id === undefined ? {} : { chassis_id: chassis_id?.toLowerCase().replaceAll('-', ':') ?? null }),
    ...(options === undefined ? {} : { options: JSON.stringify(options) }),
    ...(port_names === undefined ? {} : { port_names: JSON.stringify(port_names) }),
  };
}

function secretsOf(before: SealedLogin, settings: SwitchSettings): SealedLogin {
  const login: SealedLogin = { ...before };
  for (const name of SECRETS) {
    const said = settings[name];
    if (said === null) delete login[name];
    else if (said !== undefined) login[name] = said;
  }
  return login;
}

function check({ drivers }: Parts, row: NewSwitch): void {
  const bad = (what: string, why: string) => errors.SwitchBadSetting(what, why);
  if (!NAME.test(row.name)) throw bad('name', 'letters, digits and ._-, beginning with a letter or digit');
  if (!DRIVER_NAMES.includes(row.driver)) throw bad('driver', `one of ${DRIVER_NAMES.join(', ')}`);
  drivers.of(row.driver, row.platform);
  if (row.driver !== 'ssh' && row.platform !== null) throw bad('platform', 'is for the driver ssh only');
  if (row.driver !== 'ovs') readAddress(row.address, 22);
  else if (!REMOTE.test(row.address)) throw bad('address', 'tcp:HOST:PORT, ssl:HOST:PORT or unix:PATH');
  if (row.driver === 'ovs' && row.address.startsWith('ssl:') && row.ca === null) throw bad('ca', 'is needed with ssl:');
  if (row.driver !== 'ovs' && row.username === null) throw bad('username', 'is missing');
  for (const port of Object.values(JSON.parse(row.port_names) as Record<string, string>)) {
    if (drivers.of(row.driver, row.platform).portName(port) === null) {
      throw bad('port_names', `"${port.slice(0, 60)}" is no port of such a switch`);
    }
  }
}

async function unique(row: NewSwitch, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof IngotError) || error.code !== 'Conflict') throw error;
    const chassis = JSON.stringify(error.details ?? {}).includes('chassis');
    throw errors.SwitchExists(chassis ? `with the chassis ${row.chassis_id ?? ''}` : `as ${row.name}`, {
      cause: error,
    });
  }
}
