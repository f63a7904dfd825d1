import { writeFileSync } from 'node:fs';
import type { Row } from '#sdk/pages';
import { harmlessJson } from '../../output/cell.ts';
import { callBy, type CommandContext, PartlyFailed } from '../context.ts';
import { facts, named, wantedFields } from '../typed.ts';
import { FIRMWARE, HISTORY, HISTORY_LONG } from '../nouns/node-fields.ts';
import type { Action, Call } from '../spec.ts';
import { optionValue } from '../values.ts';

const node = (context: CommandContext) => ({ node_ident: named(context, 0) });

export const firmware: Action = {
  do: 'list',
  call: 'nodeFirmwareList',
  key: 'firmware',
  columns: FIRMWARE,
  param: 'node_ident',
};

export const history: Action = {
  do: 'list',
  call: 'nodeHistoryList',
  key: 'history',
  columns: HISTORY,
  long: HISTORY_LONG,
  param: 'node_ident',
};

export const historyEvent: Action = { do: 'show', call: 'nodeHistoryShow', params: ['node_ident', 'event'] };

/** `node show`, by name, UUID or, with `--instance`, by its instance. */
export async function showNode(context: CommandContext): Promise<void> {
  const fields = wantedFields(context);
  const query = fields.length === 0 ? {} : { fields };
  if (context.typed.options['instance'] !== true) {
    return context.out.one(facts((await callBy(context, 'nodeShow', { params: node(context), query })) as Row));
  }
  const wanted = named(context, 0);
  const whole = fields.length === 0 ? { detail: true } : query;
  const reply = (await callBy(context, 'nodeList', { query: { ...whole, instance_uuid: wanted } })) as Row;
  const [first] = (reply['nodes'] ?? []) as Row[];
  if (first === undefined) throw new PartlyFailed(`No node has the instance ${wanted}.`);
  return context.out.one(facts(first));
}

export async function validate(context: CommandContext): Promise<void> {
  const reply = (await callBy(context, 'nodeValidate', { params: node(context) })) as Record<string, Row>;
  const rows = Object.entries(reply).map(([name, { result, reason }]) => ({
    Interface: name,
    Result: result,
    Reason: reason,
  }));
  rows.sort((a, b) => (a.Interface < b.Interface ? -1 : 1));
  await context.out.rows(['Interface', 'Result', 'Reason'], rows);
}

export async function inventory(context: CommandContext): Promise<void> {
  const found = await callBy(context, 'nodeInventoryShow', { params: node(context) });
  const text = `${harmlessJson(found, 2)}\n`;
  const file = context.typed.options['file'];
  if (typeof file === 'string') writeFileSync(file, text, { mode: 0o600 });
  else context.out.raw(text);
}

export async function children(context: CommandContext): Promise<void> {
  const reply = (await callBy(context, 'nodeChildList', { params: node(context) })) as Row;
  await context.out.rows(
    ['children'],
    ((reply['children'] ?? []) as unknown[]).map((child) => ({ children: child })),
  );
}

export async function bootDevice(context: CommandContext): Promise<void> {
  const supported = context.typed.options['supported'] === true;
  const call = supported ? 'nodeBootDeviceSupported' : 'nodeBootDeviceShow';
  const found = (await callBy(context, call, { params: node(context) })) as Row;
  const devices = found['supported_boot_devices'];
  await context.out.one(Array.isArray(devices) ? { supported_boot_devices: devices.join(', ') } : found);
}

/** `driver property list`: names and what they mean. */
export function propertyList(call: Call) {
  return async (context: CommandContext): Promise<void> => {
    const reply = (await callBy(context, call, { params: { driver_name: named(context, 0) } })) as Row;
    const rows = Object.entries(reply).map(([property, description]) => ({ property, description }));
    rows.sort((a, b) => (a.property < b.property ? -1 : 1));
    await context.out.rows(['property', 'description'], rows);
  };
}

export function passthruList(call: Call, param: string) {
  return async (context: CommandContext): Promise<void> => {
    const reply = (await callBy(context, call, { params: { [param]: named(context, 0) } })) as Record<string, Row>;
    const rows = Object.entries(reply).map(([name, facts]) => ({
      ...facts,
      name,
      http_methods: ((facts['http_methods'] ?? []) as string[]).join(', '),
    }));
    await context.out.rows(['name', 'http_methods', 'async', 'description', 'attach'], rows);
  };
}

const METHODS = { GET: 'Get', POST: 'Post', PUT: 'Put', PATCH: 'Patch', DELETE: 'Delete' } as const;

/** Calls what a vendor added. The reply is printed as it comes: nobody knows its shape. */
export function passthruCall(noun: 'node' | 'driver', param: string) {
  return async (context: CommandContext): Promise<void> => {
    const { spec, typed } = context;
    const method = (typed.options['httpMethod'] ?? 'POST') as keyof typeof METHODS;
    const args = spec.options?.find(({ kind }) => kind === 'map');
    const given = (args && (optionValue(args, typed.options) as Row | undefined)) ?? {};
    const hasBody = method !== 'GET' && method !== 'DELETE';
    const reply = await callBy(context, `${noun}Passthru${METHODS[method]}`, {
      params: { [param]: named(context, 0) },
      query: { method: named(context, 1), ...(hasBody ? {} : given) },
      body: hasBody ? given : undefined,
    });
    if (reply === undefined) return;
    context.out.raw(typeof reply === 'string' ? `${reply}\n` : `${harmlessJson(reply, 2)}\n`);
  };
}
