import type { HandlerInput, Handlers, RequestContext } from '#http/contract';
import { isUuid } from '#kernel/ids';
import { accessOf } from '../api/access.ts';
import { createRecord, deleteRecord } from '../app/records/change.ts';
import { inspectionRuleKind } from '../app/records/kinds/inspection-rules.ts';
import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import type { RulePart } from '../model/inspection-rules/run.ts';
import { readInspectorRule } from '../model/inspector-rules/read.ts';
import { showInspectorRule } from '../model/inspector-rules/show.ts';
import type { Document } from '../model/node.ts';
import { deleteRules, ruleRows } from '../store/inspection.ts';
import type { TextRow } from '../store/text-rows.ts';
import { introspectionTable, type introspectionRoutes } from './routes.ts';

type RuleRoute = Extract<(typeof introspectionRoutes)[number], { id: `introspection.rule.${string}` }>;

/** Rules of the Bare Metal API are guarded by inspector's names here. */
const GUARDS: Readonly<Record<string, string>> = {
  'baremetal:inspection_rule:get': 'introspection:rule:get',
  'baremetal:inspection_rule:create': 'introspection:rule:create',
  'baremetal:inspection_rule:delete': 'introspection:rule:delete',
};
/** The newest version of the Bare Metal API. */
const NEWEST = 115;
/** What a POST answers with, since which version. */
const CREATED = [
  [6, 201],
  [0, 200],
] as const;
const COLUMNS = 'uuid, description, sensitive, conditions, actions';

function guarded(context: RequestContext, rule: string): Access {
  if (!context.allows(rule)) throw errors.Forbidden(rule);
  const access = accessOf(context);
  return { ...access, allows: (asked, target) => access.allows(GUARDS[asked] ?? asked, target) };
}

function shown(row: TextRow, baseUrl: string, short: boolean) {
  const [uuid, description, sensitive, conditions, actions] = row;
  // What is sensitive is shown to nobody once written.
  const secret = sensitive === 't';
  const { scope, ...parts } = showInspectorRule({
    conditions: secret ? [] : (JSON.parse(conditions ?? '[]') as RulePart[]),
    actions: secret ? [] : (JSON.parse(actions ?? '[]') as RulePart[]),
  });
  return {
    uuid,
    description,
    scope,
    ...(short ? {} : parts),
    links: [{ href: `${baseUrl}${introspectionTable.prefix}/v1/rules/${uuid}`, rel: 'self' }],
  };
}

/** ironic-inspector's rules: a view of the inspection rules of the Bare Metal API. */
export function ruleHandlers(deps: BaremetalDeps): Handlers<readonly RuleRoute[]> {
  const identOf = ({ params }: HandlerInput): string => {
    const ident = params['rule'] ?? '';
    if (!isUuid(ident)) throw errors.InspectionRuleNotFound(ident.slice(0, 100));
    return ident;
  };
  return {
    'introspection.rule.list': async (context) => {
      guarded(context, 'introspection:rule:get');
      const rows = await ruleRows(deps.store, COLUMNS, null);
      return { body: { rules: rows.map((row) => shown(row, context.baseUrl, true)) } };
    },
    'introspection.rule.show': async (context, input) => {
      guarded(context, 'introspection:rule:get');
      const uuid = identOf(input);
      const [row] = await ruleRows(deps.store, COLUMNS, uuid);
      if (row === undefined) throw errors.InspectionRuleNotFound(uuid);
      return { body: shown(row, context.baseUrl, false) };
    },
    'introspection.rule.create': async (context, { body }) => {
      const access = guarded(context, 'introspection:rule:create');
      const { uuid, description, ...rule } = body as Document;
      if (uuid !== undefined && uuid !== null && uuid !== '' && (typeof uuid !== 'string' || !isUuid(uuid))) {
        throw errors.Invalid('Invalid UUID value');
      }
      const asked = { uuid: uuid === '' ? null : uuid, description: description ?? null, ...readInspectorRule(rule) };
      const row = await createRecord(deps, access, inspectionRuleKind, NEWEST, asked, COLUMNS);
      const [, status] = CREATED.find(([since]) => context.version >= since) ?? CREATED[0];
      return { status, body: shown(row, context.baseUrl, false) };
    },
    'introspection.rule.delete': async (context, input) => {
      const access = guarded(context, 'introspection:rule:delete');
      await deleteRecord(deps, access, inspectionRuleKind, NEWEST, identOf(input));
      return {};
    },
    'introspection.rule.delete_all': async (context) => {
      guarded(context, 'introspection:rule:delete');
      const gone = await deleteRules(deps.store);
      deps.store.changes.announce(inspectionRuleKind.table, ...gone);
      return {};
    },
  };
}
