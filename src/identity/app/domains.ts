import { errors } from '../errors.ts';
import { mergeExtra } from '../model/extra.ts';
import { DEFAULT_DOMAIN, newId } from '../model/ids.ts';
import { assertMutable, changeOptions, optionsOf } from '../model/options.ts';
import { noteChange } from '../store/changes.ts';
import { orConflict } from '../store/constraints.ts';
import { deleteRow, findRow, insertRow, updateRow } from '../store/rows.ts';
import { type DomainRow, domains } from '../store/tables.ts';
import type { Room } from './room.ts';

export interface DomainBody {
  name?: string;
  description?: string | null;
  enabled?: boolean;
  tags?: string[];
  options?: Record<string, unknown>;
  explicit_domain_id?: string;
  [extra: string]: unknown;
}

export const DOMAIN_FIELDS = [
  'id',
  'name',
  'description',
  'enabled',
  'tags',
  'options',
  'links',
  'explicit_domain_id',
  'is_domain',
  'domain_id',
  'parent_id',
];

/** Makes a domain. Throws 409 when the name is taken. */
export function createDomain(room: Room, body: DomainBody): Promise<DomainRow> {
  const name = body.name ?? '';
  return orConflict(
    'domain',
    `Duplicate entry found with name ${name}`,
    insertRow<DomainRow>(room.store, domains, {
      id: body.explicit_domain_id ?? newId(),
      name,
      description: body.description ?? '',
      enabled: body.enabled ?? true,
      tags: body.tags ?? [],
      options: JSON.stringify(changeOptions('domain', {}, body.options ?? {})),
      extra: mergeExtra('{}', body, DOMAIN_FIELDS),
    }),
  );
}

/** Changes a domain; turning it off voids all tokens of its users and projects. */
export function updateDomain(room: Room, id: string, body: DomainBody): Promise<DomainRow> {
  return room.store.tx(async (tx) => {
    const now = await findRow<DomainRow>(tx, domains, id, true);
    if (now === undefined) throw errors.NotFound('domain', id);
    const options = changeOptions('domain', optionsOf(now.options), body.options ?? {});
    assertMutable('domain', id, optionsOf(now.options), options);
    if (id === DEFAULT_DOMAIN && body.enabled === false) throw errors.Refused('The default domain cannot be disabled.');
    const row = await orConflict(
      'domain',
      `Duplicate entry found with name ${body.name}`,
      updateRow<DomainRow>(tx, domains, id, {
        name: body.name,
        description: body.description === null ? '' : body.description,
        enabled: body.enabled,
        tags: body.tags,
        options: JSON.stringify(options),
        extra: mergeExtra(now.extra, body, DOMAIN_FIELDS),
      }),
    );
    await noteChange(tx, 'all');
    return row as DomainRow;
  });
}

/** Removes a domain and everything in it. It must have been disabled before. */
export function deleteDomain(room: Room, id: string): Promise<void> {
  return room.store.tx(async (tx) => {
    const now = await findRow<DomainRow>(tx, domains, id, true);
    if (now === undefined) throw errors.NotFound('domain', id);
    assertMutable('domain', id, optionsOf(now.options));
    if (id === DEFAULT_DOMAIN) throw errors.Refused('The default domain cannot be deleted.');
    if (now.enabled) {
      throw errors.Refused('Cannot delete a domain that is enabled, please disable it first.');
    }
    // Projects refer to their parents: the leaves go first.
    await tx.query({ text: 'update identity_projects set parent_id = null where domain_id = $1', values: [id] });
    await deleteRow(tx, domains, id);
    await noteChange(tx, 'all');
  });
}
