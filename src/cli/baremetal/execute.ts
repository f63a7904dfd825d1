import { baremetal } from '#sdk/generated/baremetal';
import { pages, type Row } from '#sdk/pages';
import { sortRows } from '../output/output.ts';
import { callBy, type CommandContext, UsageError } from './context.ts';
import { each } from './each.ts';
import { provision } from './actions/provision.ts';
import { sendPatch } from './patch.ts';
import type { Action } from './spec.ts';
import { facts, named, targets, wantedFields } from './typed.ts';
import { fieldsOf } from './values.ts';

type Doing<Name extends Action['do']> = Extract<Action, { do: Name }>;

/** Does what a command's table entry says. */
export async function execute(context: CommandContext): Promise<void> {
  const { action } = context.spec;
  switch (action.do) {
    case 'list':
      return list(context, action);
    case 'show':
      return show(context, action);
    case 'create':
      return create(context, action);
    case 'set':
    case 'unset':
      return sendPatch(context, action.call, action.param, action.do, named(context, 0));
    case 'delete':
      return each(context, targets(context), async (target) => {
        await callBy(context, action.call, { params: { [action.param]: target } });
        context.out.say(`Deleted ${action.noun} ${target}`);
      });
    case 'each':
      return repeat(context, action);
    case 'provision':
      return provision(context, action);
    case 'own':
      return action.run(context);
  }
}

async function list(context: CommandContext, action: Doing<'list'>): Promise<void> {
  const { spec, typed, connection } = context;
  const { limit, marker, sort, long } = typed.options;
  const chosen = wantedFields(context);
  const columns = chosen.length > 0 ? chosen : long === true ? (action.long ?? action.columns) : action.columns;
  const query: Record<string, unknown> = fieldsOf(spec, typed.options);
  if (marker !== undefined) query['marker'] = marker;
  if (chosen.length > 0) query['fields'] = chosen;
  else if (long === true && action.long !== undefined) query['detail'] = true;
  const order = ((sort ?? '') as string).split(',').filter(Boolean);
  // One key the server sorts by, so that --limit gives the first of all; several are sorted here.
  if (order.length === 1 && action.paged === true) {
    const [key, direction] = (order[0] ?? '').split(':');
    query['sort_key'] = key;
    if (direction !== undefined) query['sort_dir'] = direction;
  }
  if (limit !== undefined && !/^\d{1,9}$/.test(String(limit))) throw new UsageError('--limit takes a number.');
  const params = action.param === undefined ? {} : { [action.param]: named(context, 0) };
  const rows: Row[] = [];
  const options = {
    key: action.key,
    ...(action.marker === undefined ? {} : { marker: action.marker }),
    ...(limit === undefined || limit === '0' ? {} : { limit: Number(limit) }),
  };
  for await (const row of pages(connection, baremetal[action.call], { params, query }, options)) rows.push(row);
  const sorted = order.length > 1 || action.paged !== true ? sortRows(rows, order) : rows;
  await context.out.rows(columns, sorted);
}

async function show(context: CommandContext, action: Doing<'show'>): Promise<void> {
  const params = Object.fromEntries(action.params.map((name, at) => [name, named(context, at)]));
  const fields = wantedFields(context);
  const query = fields.length === 0 ? undefined : { fields };
  const found = (await callBy(context, action.call, { params, query })) as Row;
  // `*`: the reply holds the thing under its own name (a BIOS setting).
  await context.out.one(facts(action.key === '*' ? (Object.values(found)[0] as Row) : found));
}

async function create(context: CommandContext, action: Doing<'create'>): Promise<void> {
  const { spec, typed } = context;
  const body = { ...fieldsOf(spec, typed.options) };
  for (const { name } of spec.args ?? []) body[name] = typed.args[name];
  await context.out.one(facts((await callBy(context, action.call, { body })) as Row));
}

async function repeat(context: CommandContext, action: Doing<'each'>): Promise<void> {
  const { spec, typed } = context;
  const { path } = baremetal[action.call];
  const fields: Record<string, unknown> = { ...action.body, ...fieldsOf(spec, typed.options) };
  const params: Record<string, string> = {};
  for (const arg of (spec.args ?? []).slice(1)) {
    const value = typed.args[arg.name] ?? '';
    if (path.includes(`:${arg.name}`)) params[arg.name] = value;
    else fields[arg.name] = value;
  }
  const hasBody = action.body !== undefined || Object.keys(fields).length > 0;
  await each(context, targets(context), async (target) => {
    await callBy(context, action.call, {
      params: { ...params, [action.param]: target },
      body: hasBody ? fields : undefined,
    });
    if (action.said !== undefined) context.out.say(action.said.replace('%', target));
  });
}
