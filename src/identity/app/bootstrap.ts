import { chmod, link, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogService } from '#contracts/identity';
import type { Secret } from '#kernel/secret';
import type { Tx } from '#store/contract';
import { ALL_ROLES, DEFAULT_IMPLICATIONS } from '../model/roles.ts';
import { DEFAULT_DOMAIN, newId } from '../model/ids.ts';
import { makePassword } from '../model/made-password.ts';
import { noteChange } from '../store/changes.ts';
import { insertRow } from '../store/rows.ts';
import { domains, endpoints, projects, regions, roles, services, users } from '../store/tables.ts';
import type { Room } from './room.ts';

/** What a first start made, for people. */
export interface Bootstrapped {
  /** False when everything was there already. */
  first: boolean;
  userName: string;
  /** Where the password of the first admin was written; null when it was given by the configuration. */
  passwordFile: string | null;
}

export interface BootstrapOptions {
  adminPassword?: Secret | undefined;
  adminName?: string;
}

/** Any number; the same in every process. */
const BOOTSTRAP_LOCK = 0x1de2_0030;
export const PASSWORD_FILE = 'admin-password';

/**
 * Makes what a cloud begins with: the domain, the roles, the projects of operators and services, the first admin,
 * the region and the catalog. Later starts only add services the catalog lacks. Safe to run in many processes.
 */
export async function bootstrap(room: Room, options: BootstrapOptions = {}): Promise<Bootstrapped> {
  const userName = options.adminName ?? 'admin';
  const [there] = await room.store.query({
    text: 'select 1 from identity_domains where id = $1',
    values: [DEFAULT_DOMAIN],
  });
  if (there === undefined) {
    const file = join(room.config.dataDir, PASSWORD_FILE);
    // Written before the user is: after a crash in between, the next start finds it and uses it.
    const password = options.adminPassword?.reveal() ?? (await keepPassword(room, file));
    const hash = await room.hasher.hash(password);
    const first = await room.store.tx(async (tx) => {
      await tx.query({ text: 'select pg_advisory_xact_lock($1)', values: [BOOTSTRAP_LOCK] });
      const [meanwhile] = await tx.query({
        text: 'select 1 from identity_domains where id = $1',
        values: [DEFAULT_DOMAIN],
      });
      if (meanwhile !== undefined) return false;
      await makeFirst(tx, room, userName, hash);
      return true;
    });
    await addServices(room);
    const passwordFile = options.adminPassword === undefined ? file : null;
    if (first) {
      room.log.warn(
        { user: userName, passwordFile },
        passwordFile === null
          ? 'made the first admin with the configured password'
          : `made the first admin; its password is in ${passwordFile}`,
      );
    }
    return { first, userName, passwordFile: first ? passwordFile : null };
  }
  await addServices(room);
  return { first: false, userName, passwordFile: null };
}

async function keepPassword(room: Room, file: string): Promise<string> {
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept !== '') {
    await chmod(file, 0o600);
    return kept;
  }
  const draft = `${file}.${newId()}`;
  await writeFile(draft, `${makePassword(room.random)}\n`, { mode: 0o600, flag: 'wx' });
  // Two processes may start at once: the first link wins, and both read what it holds.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(draft);
  return (await readFile(file, 'utf8')).trim();
}

async function makeFirst(tx: Tx, room: Room, userName: string, passwordHash: string): Promise<void> {
  const { config } = room;
  await insertRow(tx, domains, {
    id: DEFAULT_DOMAIN,
    name: 'Default',
    description: 'The default domain',
  });
  const roleIds = new Map<string, string>();
  for (const name of ALL_ROLES) {
    const id = newId();
    roleIds.set(name, id);
    await insertRow(tx, roles, { id, name, options: JSON.stringify({ immutable: true }) });
  }
  for (const [prior, implied] of DEFAULT_IMPLICATIONS) {
    await tx.query({
      text: 'insert into identity_implied_roles (prior_id, implied_id) values ($1, $2)',
      values: [roleIds.get(prior), roleIds.get(implied)],
    });
  }
  const adminProject = newId();
  await insertRow(tx, projects, {
    id: adminProject,
    domain_id: DEFAULT_DOMAIN,
    name: config.adminProject ?? 'admin',
    description: 'Operators of this cloud',
    purpose: 'admin',
  });
  await insertRow(tx, projects, {
    id: newId(),
    domain_id: DEFAULT_DOMAIN,
    name: config.serviceProject ?? 'service',
    description: 'Accounts of services',
    purpose: 'service',
  });
  const admin = newId();
  await insertRow(tx, users, {
    id: admin,
    domain_id: DEFAULT_DOMAIN,
    name: userName,
    default_project_id: adminProject,
    password_hash: passwordHash,
    password_created_at: new Date(room.clock.now()),
  });
  await tx.query({
    text: `insert into identity_assignments (role_id, user_id, project_id) values ($1, $2, $3), ($1, $2, null)`,
    values: [roleIds.get('admin'), admin, adminProject],
  });
  await insertRow(tx, regions, { id: config.region ?? 'RegionOne' });
  await noteChange(tx, 'all');
}

/** Adds the services of this product that the catalog does not have; what operators changed stays. */
async function addServices(room: Room): Promise<void> {
  const { config, store } = room;
  const known = await store.query<{ type: string }>({ text: 'select type from identity_services' });
  const missing = productServices(room).filter((service) => !known.some(({ type }) => type === service.type));
  if (missing.length === 0) return;
  await store.tx(async (tx) => {
    await tx.query({ text: 'select pg_advisory_xact_lock($1)', values: [BOOTSTRAP_LOCK] });
    const now = await tx.query<{ type: string }>({ text: 'select type from identity_services' });
    const region = config.region ?? 'RegionOne';
    await tx.query({ text: 'insert into identity_regions (id) values ($1) on conflict do nothing', values: [region] });
    for (const { type, name, description, path } of missing) {
      if (now.some((row) => row.type === type)) continue;
      const serviceId = newId();
      await insertRow(tx, services, { id: serviceId, type, name, description });
      for (const face of ['public', 'internal', 'admin']) {
        await insertRow(tx, endpoints, {
          id: newId(),
          service_id: serviceId,
          interface: face,
          region_id: region,
          url: `$(public_endpoint)s${path === '/' ? '' : path}`,
        });
      }
    }
    await noteChange(tx, 'catalog');
  });
}

/** Identity itself, and what the composition offers beside it. */
export function productServices(room: { config: { services?: readonly CatalogService[] } }): readonly CatalogService[] {
  return [
    { type: 'identity', name: 'keystone', description: 'Identity', path: '/identity' },
    ...(room.config.services ?? []),
  ];
}
