import type { Handler, RequestContext } from '#http/contract';
import { pathOf } from '../model/resource.ts';
import { refusals } from '../refusals.ts';
import type { NetworkRoom } from '../room.ts';
import { type Counted, countUsed, dropQuotas, readAllQuotas, readQuotas, writeQuotas } from '../store/quotas.ts';
import { extensions } from './extensions.ts';
import { resources } from './resources/index.ts';

const version = ({ baseUrl }: RequestContext) => ({
  id: 'v2.0',
  status: 'CURRENT',
  links: [{ rel: 'self', href: `${baseUrl}/network/v2.0/` }],
});

/** What can be limited. */
const counted: readonly Counted[] = resources.flatMap(({ quota, table }) =>
  quota === undefined ? [] : [{ ...quota, table }],
);

/** Versions, extensions and quotas. */
export function otherHandlers({ store, config }: NetworkRoom): Record<string, Handler> {
  const usual = () =>
    Object.fromEntries(counted.map(({ name, fallback }) => [name, config.quotas.get(name) ?? fallback]));
  const quotasOf = async (project: string) => ({ ...usual(), ...Object.fromEntries(await readQuotas(store, project)) });
  const asked = (context: RequestContext, rule: string, params: Readonly<Record<string, string>>): string => {
    const project = params['project_id'] ?? '';
    if (!context.allows(rule, { project_id: project, tenant_id: project })) throw refusals.PolicyNotAuthorized(rule);
    return project;
  };
  const details: Handler = async (context, { params }) => {
    const project = asked(context, 'get_quota', params);
    const limits = await quotasOf(project);
    const used = await countUsed(store, project, counted);
    const quota = Object.entries(limits).map(([name, limit]) => [
      name,
      { limit, used: used.get(name) ?? 0, reserved: 0 },
    ]);
    return { body: { quota: Object.fromEntries(quota) as unknown } };
  };
  return {
    versions: (context) => ({ body: { versions: [version(context)] } }),
    version: (context) => ({
      body: {
        resources: resources
          .filter(({ parent }) => parent === undefined)
          .map((one) => ({
            name: one.name,
            collection: one.collection,
            links: [{ rel: 'self', href: `${context.baseUrl}/network${pathOf(one)}` }],
          })),
      },
    }),
    'extension.list': () => ({ body: { extensions } }),
    'extension.get': (_context, { params }) => {
      const alias = params['alias'] ?? '';
      const extension = extensions.find((one) => one.alias === alias);
      if (extension === undefined) throw refusals.ExtensionNotFound(alias);
      return { body: { extension } };
    },
    'quota.list': async (context) => {
      const all = await readAllQuotas(store);
      const projects = [...new Set(all.map(({ project_id: project }) => project))];
      const quotas = projects
        .filter((project) => context.allows('get_quota', { project_id: project }))
        .map((project) => ({
          ...usual(),
          ...Object.fromEntries(
            all.filter((one) => one.project_id === project).map((one) => [one.resource, one.quota]),
          ),
          project_id: project,
          tenant_id: project,
        }));
      if (projects.length === 0) context.allows('get_quota', {});
      return { body: { quotas } };
    },
    'quota.get': async (context, { params }) => ({
      body: { quota: await quotasOf(asked(context, 'get_quota', params)) },
    }),
    'quota.default': (context, { params }) => {
      asked(context, 'get_quota', params);
      return { body: { quota: usual() } };
    },
    'quota.details': details,
    'quota.details_json': details,
    'quota.update': async (context, { params, body }) => {
      const project = asked(context, 'update_quota', params);
      const { quota } = body as { quota: Record<string, unknown> };
      const names = new Set(counted.map(({ name }) => name));
      const wanted = new Map<string, number>();
      for (const [name, value] of Object.entries(quota)) {
        // Clients send these beside the numbers.
        if (['tenant_id', 'project_id', 'force', 'check_limit'].includes(name)) continue;
        if (!names.has(name)) throw refusals.HTTPBadRequest(`Unrecognized attribute(s) '${name.slice(0, 64)}'`);
        const number = typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value;
        if (typeof number !== 'number' || number < -1)
          throw refusals.InvalidInput(`the quota of ${name} is a number from -1 on`);
        wanted.set(name, number);
      }
      if (quota['check_limit'] === true || quota['check_limit'] === 'True') {
        const used = await countUsed(store, project, counted);
        for (const [name, limit] of wanted) {
          if (limit >= 0 && (used.get(name) ?? 0) > limit)
            throw refusals.HTTPBadRequest(
              `Quota limit ${limit} of ${name} is less than what is used: ${used.get(name)}`,
            );
        }
      }
      await store.tx((tx) => writeQuotas(tx, project, wanted));
      return { body: { quota: await quotasOf(project) } };
    },
    'quota.delete': async (context, { params }) => {
      const project = asked(context, 'delete_quota', params);
      await store.tx((tx) => dropQuotas(tx, project));
      return {};
    },
  };
}
