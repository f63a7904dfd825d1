import type { Reader } from '#store/contract';

/** A user as named at a login: by id, or by name within a domain named by id or name. */
export interface NamedThing {
  id?: string | undefined;
  name?: string | undefined;
  domain?: { id?: string | undefined; name?: string | undefined } | undefined;
}

/** What a login needs of a user. */
export interface LoginUser {
  id: string;
  password_hash: string | null;
  password_expires: number | null;
  password_must_change: boolean;
  options: string;
  enabled: boolean;
  domain_enabled: boolean;
  default_project_id: string | null;
}

const LOGIN_USER = `select u.id, u.password_hash, (extract(epoch from u.password_expires_at) * 1000)::float8 as password_expires,
  u.password_must_change, u.options, u.enabled, d.enabled as domain_enabled, u.default_project_id
  from identity_users u join identity_domains d on d.id = u.domain_id`;

/** Finds the user of a login; undefined when there is none. */
export async function findLoginUser(reader: Reader, named: NamedThing): Promise<LoginUser | undefined> {
  const [row] =
    named.id !== undefined
      ? await reader.query<LoginUser>({
          name: 'identity_login_id',
          text: `${LOGIN_USER} where u.id = $1`,
          values: [named.id],
        })
      : await reader.query<LoginUser>({
          name: 'identity_login_name',
          text: `${LOGIN_USER} where u.name = $1 and (d.id = $2 or d.name = $3)`,
          values: [named.name ?? '', named.domain?.id ?? null, named.domain?.name ?? null],
        });
  return row;
}

/** The id of a project named at a login; undefined when there is none. */
export async function findProjectId(reader: Reader, named: NamedThing): Promise<string | undefined> {
  const [row] =
    named.id !== undefined
      ? await reader.query<{ id: string }>({
          name: 'identity_project_id',
          text: 'select id from identity_projects where id = $1',
          values: [named.id],
        })
      : await reader.query<{ id: string }>({
          name: 'identity_project_name',
          text: `select p.id from identity_projects p join identity_domains d on d.id = p.domain_id
                 where p.name = $1 and (d.id = $2 or d.name = $3)`,
          values: [named.name ?? '', named.domain?.id ?? null, named.domain?.name ?? null],
        });
  return row?.id;
}

/** The id of a domain named by id or name. */
export async function findDomainId(reader: Reader, named: NamedThing): Promise<string | undefined> {
  const [row] = await reader.query<{ id: string }>({
    name: 'identity_domain_named',
    text: 'select id from identity_domains where id = $1 or ($1::text is null and name = $2)',
    values: [named.id ?? null, named.name ?? ''],
  });
  return row?.id;
}

/** What a login with an application credential needs. */
export interface LoginCredential {
  id: string;
  user_id: string;
  project_id: string;
  secret_hash: string;
  expires: number | null;
}

/** Finds an application credential by id, or by name of a user. */
export async function findLoginCredential(
  reader: Reader,
  id: string | undefined,
  name: string | undefined,
  userId: string | undefined,
): Promise<LoginCredential | undefined> {
  const [row] = await reader.query<LoginCredential>({
    name: 'identity_login_credential',
    text: `select id, user_id, project_id, secret_hash, (extract(epoch from expires_at) * 1000)::float8 as expires
           from identity_application_credentials where id = $1 or ($1::text is null and name = $2 and user_id = $3)`,
    values: [id ?? null, name ?? null, userId ?? null],
  });
  return row;
}
