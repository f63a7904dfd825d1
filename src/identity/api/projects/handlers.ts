import type { Handler, Handlers, HandlerInput, PolicyTarget, RequestContext } from '#http/contract';
import { createDomain } from '../../app/domains.ts';
import {
  createProject,
  deleteProject,
  type ProjectBody,
  placeOf,
  setProjectTags,
  updateProject,
} from '../../app/projects.ts';
import type { Room } from '../../app/room.ts';
import { errors } from '../../errors.ts';
import { withExtra } from '../../model/extra.ts';
import { DEFAULT_DOMAIN } from '../../model/ids.ts';
import { type Condition, findRow, findRows } from '../../store/rows.ts';
import { type DomainRow, domains, type ProjectRow, projects } from '../../store/tables.ts';
import { showDomain } from '../domains/handlers.ts';
import { demand, demandFound } from '../guard.ts';
import { enabledFilter, isAsked, linkTo, listReply, pageOf, tagFilters, textFilters } from '../listing.ts';
import type { projectRoutes } from './routes.ts';

/** A project as clients see it. */
export function showProject(context: RequestContext, row: ProjectRow): Record<string, unknown> {
  return withExtra(row.extra, {
    id: row.id,
    name: row.name,
    domain_id: row.domain_id,
    parent_id: row.parent_id ?? row.domain_id,
    description: row.description,
    enabled: row.enabled,
    is_domain: false,
    tags: row.tags,
    options: JSON.parse(row.options),
    links: { self: linkTo(context, 'projects', row.id) },
  });
}

/** A domain in the shape of a project, as Keystone shows it there. */
function showAsProject(context: RequestContext, row: DomainRow): Record<string, unknown> {
  return {
    ...showDomain(context, row),
    domain_id: null,
    parent_id: null,
    is_domain: true,
    links: { self: linkTo(context, 'projects', row.id) },
  };
}

/** What policy looks at. `reserved`: the operators' and the services' projects are the system's affair. */
export function projectTarget(row: ProjectRow): PolicyTarget {
  return { project: { id: row.id, domain_id: row.domain_id, reserved: row.purpose !== null } };
}

export function projectHandlers(room: Room): Handlers<typeof projectRoutes> {
  const id = (input: HandlerInput) => input.params['project_id'] ?? '';
  const find = async (context: RequestContext, input: HandlerInput, rule: string): Promise<ProjectRow> => {
    const found = await findRow<ProjectRow>(room.store, projects, id(input));
    return demandFound(context, rule, 'project', id(input), found, projectTarget);
  };
  const hasTag: Handler = async (context, input) => {
    const row = await find(context, input, 'identity:get_project_tag');
    const tag = input.params['tag'] ?? '';
    if (!row.tags.includes(tag)) throw errors.NotFound('project tag', tag);
    return {};
  };
  return {
    'project.list': async (context, input) => {
      const { query } = input;
      const page = pageOf(input);
      const all = context.allows('identity:list_projects');
      const own = context.caller.domainId;
      if (!all) demand(context, 'identity:list_projects', { domain_id: own });
      if (isAsked(query, 'is_domain')) {
        const only = all ? [] : [{ sql: 'id = ?', values: [own] }];
        const conditions = [...textFilters(query, ['name', 'id']), ...enabledFilter(query), ...only];
        const rows = await findRows<DomainRow>(room.store, domains, conditions, page);
        return listReply(context, input, 'projects', '/projects', rows, (row) => showAsProject(context, row), page);
      }
      const conditions: Condition[] = [
        ...textFilters(query, ['name', 'id', 'domain_id']),
        ...enabledFilter(query),
        ...tagFilters(query),
        ...(all ? [] : [{ sql: 'domain_id = ?', values: [own] }]),
      ];
      const parent = query['parent_id'];
      if (typeof parent === 'string') {
        conditions.push({ sql: 'parent_id = ? or (parent_id is null and domain_id = ?)', values: [parent, parent] });
      }
      const rows = await findRows<ProjectRow>(room.store, projects, conditions, page);
      return listReply(context, input, 'projects', '/projects', rows, (row) => showProject(context, row), page);
    },
    'project.create': async (context, input) => {
      const { project } = input.body as { project: ProjectBody };
      if (project.is_domain === true) {
        demand(context, 'identity:create_domain');
        return { body: { project: showAsProject(context, await createDomain(room, { ...project })) } };
      }
      const home = context.caller.domainId ?? DEFAULT_DOMAIN;
      const place = await placeOf(room, project, home);
      demand(context, 'identity:create_project', { project: { domain_id: place.domainId } });
      return { body: { project: showProject(context, await createProject(room, project, place)) } };
    },
    'project.get': async (context, input) => {
      const row = await findRow<ProjectRow>(room.store, projects, id(input));
      if (row === undefined) {
        const domain = await findRow<DomainRow>(room.store, domains, id(input));
        if (domain !== undefined) {
          demand(context, 'identity:get_domain', { domain: { id: domain.id } });
          return { body: { project: showAsProject(context, domain) } };
        }
      }
      const found = demandFound(context, 'identity:get_project', 'project', id(input), row, projectTarget);
      const project = showProject(context, found);
      if (isAsked(input.query, 'parents_as_list') || isAsked(input.query, 'parents_as_ids')) {
        const parents = await relatives(room, found.id, 'parents');
        project['parents'] = isAsked(input.query, 'parents_as_ids')
          ? parents.reduceRight<unknown>((below, row_) => ({ [row_.id]: below }), { [found.domain_id]: null })
          : parents.map((row_) => ({ project: showProject(context, row_) }));
      }
      if (isAsked(input.query, 'subtree_as_list') || isAsked(input.query, 'subtree_as_ids')) {
        const below = await relatives(room, found.id, 'subtree');
        project['subtree'] = isAsked(input.query, 'subtree_as_ids')
          ? treeOf(below, found.id)
          : below.map((row_) => ({ project: showProject(context, row_) }));
      }
      return { body: { project } };
    },
    'project.update': async (context, input) => {
      const { project } = input.body as { project: ProjectBody };
      await find(context, input, 'identity:update_project');
      return { body: { project: showProject(context, await updateProject(room, id(input), project)) } };
    },
    'project.delete': async (context, input) => {
      await find(context, input, 'identity:delete_project');
      await deleteProject(room, id(input));
      return {};
    },
    'project.tags': async (context, input) => {
      const row = await find(context, input, 'identity:list_project_tags');
      return { body: { tags: row.tags, links: { self: linkTo(context, 'projects', row.id, 'tags') } } };
    },
    'project.tags.set': async (context, input) => {
      await find(context, input, 'identity:update_project_tags');
      const { tags } = input.body as { tags: string[] };
      const now = await setProjectTags(room, id(input), () => tags);
      return { body: { tags: now, links: { self: linkTo(context, 'projects', id(input), 'tags') } } };
    },
    'project.tags.clear': async (context, input) => {
      await find(context, input, 'identity:delete_project_tags');
      await setProjectTags(room, id(input), () => []);
      return {};
    },
    'project.tag.get': hasTag,
    'project.tag.head': hasTag,
    'project.tag.add': async (context, input) => {
      await find(context, input, 'identity:create_project_tag');
      await setProjectTags(room, id(input), (now) => [...now, input.params['tag'] ?? '']);
      return {};
    },
    'project.tag.remove': async (context, input) => {
      const row = await find(context, input, 'identity:delete_project_tag');
      const tag = input.params['tag'] ?? '';
      if (!row.tags.includes(tag)) throw errors.NotFound('project tag', tag);
      await setProjectTags(room, id(input), (now) => now.filter((one) => one !== tag));
      return {};
    },
  };
}

/** Projects above (nearest first) or below a project. */
async function relatives(room: Room, id: string, which: 'parents' | 'subtree'): Promise<ProjectRow[]> {
  const columns = projects.columns.map((column) => `p.${column}`).join(', ');
  const join = which === 'parents' ? 'p.id = line.parent_id' : 'p.parent_id = line.id';
  return room.store.query<ProjectRow>({
    text: `with recursive line as (
             select ${columns}, 0 as depth from identity_projects p where p.id = $1
             union all select ${columns}, depth + 1 from line join identity_projects p on ${join} where depth < 20)
           select * from line where depth > 0 order by depth, name`,
    values: [id],
  });
}

function treeOf(rows: readonly ProjectRow[], root: string): Record<string, unknown> | null {
  const children = rows.filter((row) => row.parent_id === root);
  if (children.length === 0) return null;
  return Object.fromEntries(children.map((row) => [row.id, treeOf(rows, row.id)]));
}
