import type { Reader } from '#store/contract';
import type { BmcReport } from '../model/bmc-report.ts';
import { prepared } from './prepared.ts';

/** How a search is done. */
export interface DiscoveryWish {
  /** Places looked at at once. */
  concurrency: number;
  waitMs: number;
  protocols: ('redfish' | 'ipmi')[];
  certificates: 'pin' | 'ca' | 'any';
  enroll: boolean;
  conductorGroup: string;
  resourceClass: string | null;
}

export interface NewDiscovery {
  id: string;
  places: readonly string[];
  wish: DiscoveryWish;
  loginSealed: string | null;
  userId: string | null;
  projectId: string | null;
  requestId: string;
}

export interface Discovery {
  id: string;
  state: 'running' | 'done' | 'stopped' | 'failed';
  places: string[];
  wish: DiscoveryWish;
  login_sealed: string | null;
  total: number;
  scanned: number;
  found: number;
  enrolled: number;
  error: string | null;
  user_id: string | null;
  project_id: string | null;
  request_id: string;
  created_at: string;
  ended_at: string | null;
}

export interface Found {
  seq: string;
  report: BmcReport;
  node_uuid: string | null;
  enrolled: boolean;
}

const ISO = (column: string) =>
  `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as ${column.slice(2)}`;
const SHOWN = `d.id, d.state, d.total, d.scanned, d.error, d.user_id, d.project_id, d.request_id,
  ${ISO('d.created_at')}, ${ISO('d.ended_at')},
  (select count(*)::int from discovered_bmcs b where b.discovery_id = d.id) as found,
  (select count(*)::int from discovered_bmcs b where b.discovery_id = d.id and b.enrolled) as enrolled`;

export async function addDiscovery(reader: Reader, one: NewDiscovery): Promise<void> {
  await reader.query(
    prepared(
      `insert into discoveries (id, places, wish, login_sealed, total, user_id, project_id, request_id)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        one.id,
        JSON.stringify(one.places),
        JSON.stringify(one.wish),
        one.loginSealed,
        one.places.length,
        one.userId,
        one.projectId,
        one.requestId,
      ],
    ),
  );
}

/** Without its places and its login. */
export type ShownDiscovery = Omit<Discovery, 'places' | 'wish' | 'login_sealed'>;

/** The newest first. */
export async function listDiscoveries(reader: Reader): Promise<ShownDiscovery[]> {
  return await reader.query<ShownDiscovery>(
    prepared(`select ${SHOWN} from discoveries d order by d.created_at desc limit 100`, []),
  );
}

export async function showDiscovery(reader: Reader, id: string): Promise<ShownDiscovery | undefined> {
  return (await reader.query<ShownDiscovery>(prepared(`select ${SHOWN} from discoveries d where d.id = $1`, [id])))[0];
}

/** With places and login, for who carries it out. */
export async function loadDiscovery(reader: Reader, id: string): Promise<Discovery | undefined> {
  const text = `select ${SHOWN}, d.places, d.wish, d.login_sealed from discoveries d where d.id = $1`;
  const [row] = await reader.query<Discovery & { places: unknown; wish: unknown }>(prepared(text, [id]));
  return row && { ...row, places: parsed<string[]>(row.places), wish: parsed<DiscoveryWish>(row.wish) };
}

/** What was found after `after`, in its order. */
export async function listFound(reader: Reader, id: string, after: string, limit: number): Promise<Found[]> {
  const rows = await reader.query<Found & { report: unknown }>(
    prepared(
      `select seq::text, report, node_uuid, enrolled from discovered_bmcs
      where discovery_id = $1 and seq > $2::bigint order by seq limit $3`,
      [id, after, limit],
    ),
  );
  return rows.map((row) => ({ ...row, report: parsed<BmcReport>(row.report) }));
}

/** JSON columns come as text. */
const parsed = <T>(value: unknown): T => (typeof value === 'string' ? JSON.parse(value) : value) as T;

/** Places of a search that have a row: looked at, and logged in to. */
export async function foundPlaces(reader: Reader, id: string): Promise<Set<string>> {
  const rows = await reader.query<{ place: string }>(
    prepared('select distinct place from discovered_bmcs where discovery_id = $1', [id]),
  );
  return new Set(rows.map((row) => row.place));
}

/** The place of another row of this search with that system's UUID. */
export async function sameSystem(
  reader: Reader,
  id: string,
  uuid: string | null,
  place: string,
): Promise<string | undefined> {
  if (uuid === null) return undefined;
  const rows = await reader.query<{ place: string }>(
    prepared(
      'select place from discovered_bmcs where discovery_id = $1 and uuid = $2 and place <> $3 order by seq limit 1',
      [id, uuid, place],
    ),
  );
  return rows[0]?.place;
}

/** Keeps what was found; `node` drives it. */
export async function addFound(reader: Reader, id: string, report: BmcReport, node: string | null): Promise<void> {
  await reader.query(
    prepared(
      `insert into discovered_bmcs (discovery_id, place, system, uuid, report, node_uuid)
      values ($1, $2, $3, $4, $5, $6) on conflict (discovery_id, place, system) do nothing`,
      [id, report.place, systemOf(report), report.uuid, JSON.stringify(report), node],
    ),
  );
}

const systemOf = ({ driver_info: info }: BmcReport) => String(info['redfish_system_id'] ?? '');

/** What can be enrolled, over Redfish first. */
export async function listUndriven(reader: Reader, id: string): Promise<Found[]> {
  const rows = await reader.query<Found & { report: unknown }>(
    prepared(
      `select seq::text, report, node_uuid, enrolled from discovered_bmcs
      where discovery_id = $1 and node_uuid is null and report->>'command' is not null
      order by report->>'protocol' desc, seq`,
      [id],
    ),
  );
  return rows.map((row) => ({ ...row, report: parsed<BmcReport>(row.report) }));
}

/** What became of it. */
export async function noteNode(
  reader: Reader,
  seq: string,
  report: BmcReport,
  node: string | null,
  enrolled: boolean,
): Promise<void> {
  await reader.query(
    prepared('update discovered_bmcs set report = $2, node_uuid = $3, enrolled = $4 where seq = $1::bigint', [
      seq,
      JSON.stringify(report),
      node,
      enrolled,
    ]),
  );
}

/** So many places are done. */
export async function countScanned(reader: Reader, id: string, scanned: number): Promise<void> {
  await reader.query(prepared('update discoveries set scanned = greatest(scanned, $2) where id = $1', [id, scanned]));
}

/** The end: the login goes. */
export async function endDiscovery(
  reader: Reader,
  id: string,
  state: 'done' | 'stopped' | 'failed',
  error: string | null,
): Promise<void> {
  await reader.query(
    prepared(
      `update discoveries set state = $2, error = $3, login_sealed = null, ended_at = clock_timestamp()
      where id = $1 and state = 'running'`,
      [id, state, error],
    ),
  );
}

export async function deleteDiscovery(reader: Reader, id: string): Promise<void> {
  await reader.query(prepared('delete from discoveries where id = $1', [id]));
}

/** Where nodes say their BMCs are: `origin|system` of Redfish, `host:port` of IPMI. */
export async function drivenPlaces(reader: Reader): Promise<Map<string, string>> {
  const rows = await reader.query<{ uuid: string; redfish: string | null; ipmi: string | null; port: string | null }>(
    prepared(
      `select uuid, driver_info->>'redfish_address' as redfish, driver_info->>'ipmi_address' as ipmi,
        driver_info->>'ipmi_port' as port from nodes`,
      [],
    ),
  );
  const places = new Map<string, string>();
  for (const { uuid, redfish, ipmi, port } of rows) {
    if (redfish !== null) places.set(redfishKey(redfish), uuid);
    if (ipmi !== null) places.set(ipmiKey(ipmi, Number(port ?? 623)), uuid);
  }
  return places;
}

export const ipmiKey = (host: string, port: number): string => `ipmi ${host.toLowerCase()} ${port}`;

/** An address as nodes have it, with or without scheme and port. */
export function redfishKey(address: string): string {
  try {
    const url = new URL(/^[a-z]+:\/\//i.test(address) ? address : `https://${address}`);
    return `redfish ${url.hostname} ${url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : url.port}`;
  } catch {
    return `redfish ${address}`;
  }
}

/** The node that has one of its MACs on a port, or that a search made of the same machine. */
export async function nodeOfMachine(reader: Reader, { macs, uuid }: BmcReport): Promise<string | undefined> {
  const rows = await reader.query<{ node_uuid: string }>(
    prepared(
      `select node_uuid from ports where address = any ($1::macaddr[])
      union all select b.node_uuid from discovered_bmcs b join nodes n on n.uuid = b.node_uuid where b.uuid = $2 limit 1`,
      [macs, uuid],
    ),
  );
  return rows[0]?.node_uuid;
}

/** Forgets searches that ended `olderMs` ago. */
export async function dropOldDiscoveries(reader: Reader, olderMs: number): Promise<void> {
  await reader.query(
    prepared(`delete from discoveries where ended_at < clock_timestamp() - $1::float8 * interval '1 millisecond'`, [
      olderMs,
    ]),
  );
}
