import type { Reader } from '#store/contract';

/** A registered switch. Times are ISO 8601 text. */
export interface SwitchRow {
  id: string;
  name: string;
  description: string;
  driver: 'ovs' | 'netconf' | 'gnmi' | 'ssh';
  platform: string | null;
  address: string;
  chassis_id: string | null;
  username: string | null;
  login_sealed: string;
  ca: string | null;
  certificate: string | null;
  host_key: string | null;
  physical_network: string | null;
  conductor_group: string;
  parking_vlan: number;
  drift: 'repair' | 'report';
  enabled: boolean;
  /** JSON text. */
  options: string;
  port_names: string;
  state: 'unknown' | 'ok' | 'unreachable';
  error_code: string | null;
  error: string | null;
  save_error: string | null;
  read_at: string | null;
  read_wanted_at: string | null;
  created_at: string;
  updated_at: string;
}

export type NewSwitch = Pick<
  SwitchRow,
  | 'id'
  | 'name'
  | 'description'
  | 'driver'
  | 'platform'
  | 'address'
  | 'chassis_id'
  | 'username'
  | 'login_sealed'
  | 'ca'
  | 'certificate'
  | 'host_key'
  | 'physical_network'
  | 'conductor_group'
  | 'parking_vlan'
  | 'drift'
  | 'enabled'
  | 'options'
  | 'port_names'
>;

const SETTABLE = [
  'name',
  'description',
  'driver',
  'platform',
  'address',
  'chassis_id',
  'username',
  'login_sealed',
  'ca',
  'certificate',
  'host_key',
  'physical_network',
  'conductor_group',
  'parking_vlan',
  'drift',
  'enabled',
  'options',
  'port_names',
] as const satisfies readonly (keyof NewSwitch)[];

const COLUMNS = [
  'id',
  ...SETTABLE,
  'state',
  'error_code',
  'error',
  'save_error',
  'read_at',
  'read_wanted_at',
  'created_at',
  'updated_at',
].join(', ');

export async function insertSwitch(reader: Reader, row: NewSwitch): Promise<void> {
  const names = ['id', ...SETTABLE] as const;
  await reader.query({
    text: `insert into net_switches (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
    values: names.map((name) => row[name]),
  });
}

/** Changes what is named; false when there is no such switch. */
export async function updateSwitch(reader: Reader, id: string, row: Partial<NewSwitch>): Promise<boolean> {
  const names = SETTABLE.filter((name) => row[name] !== undefined);
  const sets = names.map((name, i) => `${name} = $${i + 2}`);
  const rows = await reader.query({
    text: `update net_switches set ${[...sets, 'updated_at = clock_timestamp()'].join(', ')} where id = $1 returning 1`,
    values: [id, ...names.map((name) => row[name])],
  });
  return rows.length > 0;
}

export async function deleteSwitch(reader: Reader, id: string): Promise<boolean> {
  return (await reader.query({ text: 'delete from net_switches where id = $1 returning 1', values: [id] })).length > 0;
}

export function listSwitches(reader: Reader): Promise<SwitchRow[]> {
  return reader.query<SwitchRow>({ name: 'switches.list', text: `select ${COLUMNS} from net_switches order by name` });
}

/** By id, name or chassis MAC, whichever fits first. */
export async function findSwitch(reader: Reader, said: string): Promise<SwitchRow | undefined> {
  const rows = await reader.query<SwitchRow>({
    name: 'switches.find',
    text: `select ${COLUMNS} from net_switches where id::text = $1 or name = $2 or chassis_id = $1
      order by (id::text = $1) desc, (name = $2) desc limit 1`,
    values: [said.toLowerCase(), said],
  });
  return rows[0];
}

/** Takes or renews the right to write to a switch for `ms`; undefined when somebody else has it, or it is off. */
export async function takeSwitch(
  reader: Reader,
  id: string,
  writer: string,
  ms: number,
): Promise<(SwitchRow & { now: string }) | undefined> {
  const rows = await reader.query<SwitchRow & { now: string }>({
    name: 'switches.take',
    text: `update net_switches set writer = $2, writer_until = clock_timestamp() + $3 * interval '1 millisecond'
      where id = $1 and enabled and (writer is null or writer = $2 or writer_until < clock_timestamp())
      returning ${COLUMNS}, clock_timestamp() as now`,
    values: [id, writer, ms],
  });
  return rows[0];
}

/** Gives it back. */
export async function releaseSwitch(reader: Reader, id: string, writer: string): Promise<void> {
  await reader.query({
    name: 'switches.release',
    text: 'update net_switches set writer = null, writer_until = null where id = $1 and writer = $2',
    values: [id, writer],
  });
}

/** Somebody wants to know how it is now. */
export async function wantReading(reader: Reader, ids: readonly string[]): Promise<void> {
  await reader.query({
    name: 'switches.want',
    text: 'update net_switches set read_wanted_at = clock_timestamp() where id = any($1::uuid[])',
    values: [ids],
  });
}

/** What came of talking to it. */
export async function noteState(
  reader: Reader,
  id: string,
  state: 'ok' | 'unreachable',
  error: { code: string; message: string } | null,
): Promise<void> {
  await reader.query({
    name: 'switches.state',
    text: `update net_switches set state = $2, error_code = $3, error = $4
      where id = $1 and (state, error_code, error) is distinct from ($2, $3, $4)`,
    values: [id, state, error?.code ?? null, error?.message ?? null],
  });
}

/** The key it showed first is the one it must show from now on. */
export async function pinKey(reader: Reader, id: string, key: string): Promise<void> {
  await reader.query({
    text: 'update net_switches set host_key = $2 where id = $1 and host_key is null',
    values: [id, key],
  });
}

/** Whether what runs on it was saved; null: it was. */
export async function noteSaved(reader: Reader, id: string, problem: string | null): Promise<void> {
  await reader.query({
    name: 'switches.saved',
    text: 'update net_switches set save_error = $2 where id = $1',
    values: [id, problem],
  });
}
