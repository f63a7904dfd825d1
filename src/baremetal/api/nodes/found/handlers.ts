import type { Handlers, RequestContext } from '#http/contract';
import { listHistory, showBios, showFirmware, showHistory, showInventory } from '../../../app/show-details.ts';
import { errors } from '../../../errors.ts';
import type { BaremetalDeps } from '../../../model/deps.ts';
import {
  type BiosRow,
  type FirmwareRow,
  HISTORY_SORTS,
  type HistoryRow,
  type HistorySort,
} from '../../../store/node-details.ts';
import { accessOf } from '../../access.ts';
import { readUuid, shown } from '../../input/value.ts';
import { collectionReply, nextOf } from '../../serializer/collection.ts';
import { BIOS_RULES, FIRMWARE_FIELDS, HISTORY_FIELDS } from '../../versions/nodes.ts';
import { sinceOf } from '../../versions/resource.ts';
import type { foundRoutes } from './routes.ts';

const BIOS_BRIEF = ['name', 'value'];
const BIOS_REGISTRY = [
  'attribute_type',
  'allowable_values',
  'lower_bound',
  'max_length',
  'min_length',
  'read_only',
  'reset_required',
  'unique',
  'upper_bound',
];

/** Handlers of BIOS settings, firmware, inventory and history. */
export function foundHandlers(deps: BaremetalDeps): Handlers<typeof foundRoutes> {
  const identOf = (params: Record<string, string>) => params['node_ident'] as string;
  return {
    'node.bios.list': async (context, { params, query }) => {
      const { version } = context;
      const fields = chosenFields(query, version >= BIOS_RULES.registry, BIOS_BRIEF, [...BIOS_BRIEF, ...BIOS_REGISTRY]);
      const ident = identOf(params);
      const { settings } = await showBios(deps, accessOf(context), ident, version);
      return { body: { bios: settings.map((row) => biosBody(context.baseUrl, ident, row, fields)) } };
    },
    'node.bios.show': async (context, { params }) => {
      const name = params['setting'] as string;
      const { uuid, settings } = await showBios(deps, accessOf(context), identOf(params), context.version, name);
      const fields = context.version >= BIOS_RULES.registry ? [...BIOS_BRIEF, ...BIOS_REGISTRY] : BIOS_BRIEF;
      return { body: { [name]: biosBody(context.baseUrl, uuid, settings[0] as BiosRow, fields) } };
    },
    'node.firmware.list': async (context, { params, query }) => {
      const known = Object.keys(FIRMWARE_FIELDS).filter(
        (name) => sinceOf(FIRMWARE_FIELDS[name] ?? {}) <= context.version,
      );
      const early = ((query['fields'] as string[] | undefined) ?? []).filter(
        (name) => Object.hasOwn(FIRMWARE_FIELDS, name) && !known.includes(name),
      );
      if (early.length > 0) {
        const needed = Math.max(...early.map((name) => sinceOf(FIRMWARE_FIELDS[name] ?? {})));
        throw errors.InvalidParameterValue(
          `Fields ${early.sort().join(', ')} are not allowed in this API version. They require at least API version 1.${needed}.`,
        );
      }
      const fields = chosenFields(query, true, known, known);
      const rows = await showFirmware(deps, accessOf(context), identOf(params), context.version);
      return { body: { firmware: rows.map((row) => firmwareBody(row, fields)) } };
    },
    'node.inventory.show': async (context, { params }) => {
      const found = await showInventory(deps, accessOf(context), identOf(params), context.version);
      return { json: `{"inventory":${found.inventory},"plugin_data":${found.plugin_data}}` };
    },
    'node.history.list': async (context, { params, query }) => {
      const ident = identOf(params);
      const page = readHistoryPage(query, deps.config.api.maxLimit);
      const { uuid, entries } = await listHistory(deps, accessOf(context), ident, context.version, page);
      const detail = query['detail'] === true;
      const write = (entry: HistoryRow) => JSON.stringify(historyBody(context, uuid, entry, detail));
      const next = nextOf(context, `/v1/nodes/${encodeURIComponent(ident)}/history`, query, {
        limit: page.limit,
        items: entries.length,
        last: entries.at(-1)?.uuid,
      });
      return collectionReply('history', entries, write, next);
    },
    'node.history.show': async (context, { params }) => {
      const event = params['event'] as string;
      const { uuid, entry } = await showHistory(deps, accessOf(context), identOf(params), context.version, event);
      return { body: historyBody(context, uuid, entry, true) };
    },
  };
}

/** Reads `fields` and `detail`; `open` tells whether the version knows them. */
function chosenFields(
  query: Readonly<Record<string, unknown>>,
  open: boolean,
  brief: readonly string[],
  all: readonly string[],
): readonly string[] {
  const fields = query['fields'] as readonly string[] | undefined;
  const detail = query['detail'] as boolean | undefined;
  if (!open && (fields !== undefined || detail !== undefined)) {
    const name = detail === undefined ? `fields=${fields?.join(',')}` : `detail=${detail ? 'True' : 'False'}`;
    throw errors.InvalidParameterValue(`Invalid query parameter ?${name} received.`);
  }
  if (fields !== undefined && detail === true) {
    throw errors.InvalidParameterValue('Can not specify ?detail=True and fields in the same request.');
  }
  if (fields === undefined) return detail === true ? all : brief;
  const stamps = ['created_at', 'updated_at', 'links'];
  const unknown = fields.filter((name) => !all.includes(name) && !stamps.includes(name));
  if (unknown.length > 0) throw errors.InvalidFields(unknown.map(shown).join(', '));
  return fields.filter((name) => all.includes(name));
}

const seconds = (time: string | null) => (time === null ? null : `${time.slice(0, 19)}+00:00`);

function biosBody(baseUrl: string, node: string, row: BiosRow, fields: readonly string[]) {
  const values: Record<string, unknown> = {
    ...row,
    allowable_values: row.allowable_values === null ? [] : (JSON.parse(row.allowable_values) as unknown),
  };
  const path = `nodes/${encodeURIComponent(node)}/bios/${encodeURIComponent(row.name)}`;
  const number = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
  return {
    created_at: seconds(row.created_at),
    updated_at: seconds(row.updated_at),
    ...Object.fromEntries(fields.map((name) => [name, number(values[name])])),
    links: [
      { href: `${baseUrl}/v1/${path}`, rel: 'self' },
      { href: `${baseUrl}/${path}`, rel: 'bookmark' },
    ],
  };
}

function firmwareBody(row: FirmwareRow, fields: readonly string[]) {
  const values = row as unknown as Record<string, unknown>;
  return {
    created_at: seconds(row.created_at),
    updated_at: seconds(row.updated_at),
    ...Object.fromEntries(fields.map((name) => [name, values[name] ?? null])),
  };
}

function readHistoryPage(query: Readonly<Record<string, unknown>>, maxLimit: number) {
  const limit = (query['limit'] as number | undefined) ?? maxLimit;
  if (limit <= 0) throw errors.Invalid('Limit must be positive');
  const direction = (query['sort_dir'] as string | undefined) ?? 'asc';
  if (direction !== 'asc' && direction !== 'desc') {
    throw errors.Invalid(`Invalid sort direction: ${shown(direction)}. Acceptable values are 'asc' or 'desc'`);
  }
  const sort = ((query['sort_key'] as string | undefined) ?? 'created_at') as HistorySort;
  if (!HISTORY_SORTS.includes(sort)) {
    throw errors.InvalidParameterValue(`The sort_key value "${shown(sort)}" is an invalid field for sorting`);
  }
  const marker = query['marker'] === undefined ? null : readUuid('marker', query['marker']);
  return { limit: Math.min(limit, maxLimit), marker, sort, descending: direction === 'desc' };
}

function historyBody(context: RequestContext, node: string, entry: HistoryRow, detail: boolean) {
  const more: Record<string, unknown> = {
    event_type: entry.event_type,
    conductor: entry.conductor,
    user: entry.user_id,
    project: entry.project,
    state: entry.state,
    target_provision_state: entry.target_state,
    duration_seconds: entry.duration_seconds,
  };
  const fields = detail
    ? Object.keys(HISTORY_FIELDS).filter((name) => sinceOf(HISTORY_FIELDS[name] ?? {}) <= context.version)
    : [];
  const event = detail || entry.event.length <= 255 ? entry.event : `${entry.event.slice(0, 251)}...`;
  return {
    uuid: entry.uuid,
    created_at: seconds(entry.created_at),
    severity: entry.severity,
    event,
    ...Object.fromEntries(fields.map((name) => [name, more[name]])),
    links: [{ href: `${context.baseUrl}/v1/nodes/${node}/history/${entry.uuid}`, rel: 'self' }],
  };
}
