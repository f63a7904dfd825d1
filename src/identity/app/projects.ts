import type { Tx } from '#store/contract';
import { errors } from '../errors.ts';
import { mergeExtra } from '../model/extra.ts';
import { newId } from '../model/ids.ts';
import { assertMutable, changeOptions, optionsOf } from '../model/options.ts';
import { noteChange } from '../store/changes.ts';
import { orConflict } from '../store/constraints.ts';
import { deleteRow, findRow, insertRow, updateRow } from '../store/rows.ts';
import { type DomainRow, domains, type ProjectRow, projects } from '../store/tables.ts';
import type { Room } from './room.ts';

export interface ProjectBody {
  name?: string;
  description?: string | null;
  enabled?: boolean;
  domain_id?: string | null;
  parent_id?: string | null;
  is_domain?: boolean;
  tags?: string[];
  options?: Record<string, unknown>;
  [extra: string]: unknown;
}

export const PROJECT_FIELDS = [
  'id',
  'name',
  'description',
  'enabled',
  'domain_id',
  'parent_id',
  'is_domain',
  'tags',
  'options',
  'links',
  'purpose',
  'parents',
  'subtree',
];

/** Projects below projects below …: as deep as Keystone's default. */
const MAX_DEPTH = 5;

/** The domain and parent a new project belongs to. A parent id may be the domain's own. */
export async function placeOf(
  room: Room,
  body: ProjectBody,
  fallbackDomain: string,
): Promise<{ domainId: string; parentId: string | null }> {
  const parentId = body.parent_id ?? null;
  if (parentId === null || parentId === body.domain_id)
    return { domainId: body.domain_id ?? fallbackDomain, parentId: null };
  const parent = await findRow<ProjectRow>(room.store, projects, parentId);
  if (parent !== undefined) {
    if (body.domain_id !== undefined && body.domain_id !== null && body.domain_id !== parent.domain_id) {
      throw errors.Invalid('A project must be in the domain of its parent.');
    }
    return { domainId: parent.domain_id, parentId };
  }
  const domain = await findRow<DomainRow>(room.store, domains, parentId);
  if (domain === undefined) throw errors.NotFound('project', parentId);
  return { domainId: domain.id, parentId: null };
}

/** Makes a project in a place found by `placeOf`. */
export function createProject(
  room: Room,
  body: ProjectBody,
  place: { domainId: string; parentId: string | null },
): Promise<ProjectRow> {
  const name = body.name ?? '';
  return room.store.tx(async (tx) => {
    const domain = await findRow<DomainRow>(tx, domains, place.domainId);
    if (domain === undefined) throw errors.NotFound('domain', place.domainId);
    if (place.parentId !== null) await assertParent(tx, place.parentId);
    return orConflict(
      'project',
      `it is not permitted to have two projects with the same name in the same domain: ${name}`,
      insertRow<ProjectRow>(tx, projects, {
        id: newId(),
        domain_id: domain.id,
        parent_id: place.parentId,
        name,
        description: body.description ?? '',
        enabled: body.enabled ?? true,
        tags: body.tags ?? [],
        options: JSON.stringify(changeOptions('project', {}, body.options ?? {})),
        extra: mergeExtra('{}', body, PROJECT_FIELDS),
      }),
    );
  });
}

async function assertParent(tx: Tx, parentId: string): Promise<void> {
  const [line] = await tx.query<{ depth: number; enabled: boolean }>({
    text: `with recursive line(id, parent_id, enabled, depth) as (
             select id, parent_id, enabled, 1 from identity_projects where id = $1
             union all select p.id, p.parent_id, p.enabled, depth + 1
               from line join identity_projects p on p.id = line.parent_id where depth < 20)
           select count(*)::int as depth, bool_and(enabled) as enabled from line`,
    values: [parentId],
  });
  if (line === undefined || line.depth === 0) throw errors.NotFound('project', parentId);
  if (!line.enabled) throw errors.Refused(`Cannot create a project below ${parentId}: it is disabled.`);
  if (line.depth + 1 > MAX_DEPTH) throw errors.Refused(`Projects may be nested ${MAX_DEPTH} deep.`);
}

/** Changes a project; turning it off voids the tokens for it. */
export function updateProject(room: Room, id: string, body: ProjectBody): Promise<ProjectRow> {
  return room.store.tx(async (tx) => {
    const now = await findRow<ProjectRow>(tx, projects, id, true);
    if (now === undefined) throw errors.NotFound('project', id);
    const options = changeOptions('project', optionsOf(now.options), body.options ?? {});
    assertMutable('project', id, optionsOf(now.options), options);
    if (body.domain_id !== undefined && body.domain_id !== now.domain_id) {
      throw errors.Invalid('A project cannot be moved to another domain.');
    }
    if (body.parent_id !== undefined && body.parent_id !== (now.parent_id ?? now.domain_id)) {
      throw errors.Refused('A project cannot be moved below another one.');
    }
    if (body.is_domain === true) throw errors.Invalid('A project cannot become a domain.');
    if (body.enabled === false && now.purpose !== null) {
      throw errors.Refused(`The ${now.purpose} project cannot be disabled.`);
    }
    const row = await orConflict(
      'project',
      `it is not permitted to have two projects with the same name in the same domain: ${body.name}`,
      updateRow<ProjectRow>(tx, projects, id, {
        name: body.name,
        description: body.description === null ? '' : body.description,
        enabled: body.enabled,
        tags: body.tags,
        options: JSON.stringify(options),
        extra: mergeExtra(now.extra, body, PROJECT_FIELDS),
      }),
    );
    await noteChange(tx, 'project', id);
    return row as ProjectRow;
  });
}

/** Removes a project without children, with its assignments and application credentials. */
export function deleteProject(room: Room, id: string): Promise<void> {
  return room.store.tx(async (tx) => {
    const now = await findRow<ProjectRow>(tx, projects, id, true);
    if (now === undefined) throw errors.NotFound('project', id);
    assertMutable('project', id, optionsOf(now.options));
    if (now.purpose !== null) throw errors.Refused(`The ${now.purpose} project cannot be deleted.`);
    const children = await tx.query({
      text: 'select 1 from identity_projects where parent_id = $1 limit 1',
      values: [id],
    });
    if (children.length > 0) throw errors.Refused(`Cannot delete project ${id}: there are projects below it.`);
    await tx.query({
      text: 'update identity_users set default_project_id = null where default_project_id = $1',
      values: [id],
    });
    await deleteRow(tx, projects, id);
    await noteChange(tx, 'project', id);
  });
}

/** Puts other tags in the place of a project's. */
export function setProjectTags(room: Room, id: string, change: (now: string[]) => string[]): Promise<string[]> {
  return room.store.tx(async (tx) => {
    const now = await findRow<ProjectRow>(tx, projects, id, true);
    if (now === undefined) throw errors.NotFound('project', id);
    assertMutable('project', id, optionsOf(now.options));
    const tags = [...new Set(change(now.tags))];
    if (tags.length > 80) throw errors.Invalid('A project may have 80 tags.');
    await updateRow(tx, projects, id, { tags });
    return tags;
  });
}
