import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Up } from '../house/ingot.ts';

/** A project with one member, and the member's login. */
export interface Tenant {
  project: string;
  user: string;
  role: string;
  headers: Record<string, string>;
}

/** Logs in; gives the header with the token. */
async function login(running: Up, name: string, password: string, project: string): Promise<Record<string, string>> {
  const answer = await fetch(`${running.url}/identity/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name, domain: { name: 'Default' }, password } } },
        scope: { project: { name: project, domain: { name: 'Default' } } },
      },
    }),
  });
  if (!answer.ok) throw new Error(`login of ${name}: ${answer.status} ${await answer.text()}`);
  return { 'x-auth-token': answer.headers.get('x-subject-token') ?? '' };
}

/** The first admin's login. */
export function admin(running: Up): Promise<Record<string, string>> {
  return login(running, 'admin', readFileSync(join(running.dataDir, 'admin-password'), 'utf8').trim(), 'admin');
}

type Ask = <T>(method: string, path: string, body?: unknown) => Promise<T>;

/** Makes a project with a member. */
export async function tenant(running: Up, ask: Ask, name: string): Promise<Tenant> {
  const { project } = await ask<{ project: { id: string } }>('POST', '/identity/v3/projects', { project: { name } });
  const { user } = await ask<{ user: { id: string } }>('POST', '/identity/v3/users', {
    user: { name: `${name}-user`, password: 'a long password 1' },
  });
  const { roles } = await ask<{ roles: { id: string }[] }>('GET', '/identity/v3/roles?name=member');
  const role = `/identity/v3/projects/${project.id}/users/${user.id}/roles/${roles[0]?.id}`;
  await ask('PUT', role);
  const headers = await login(running, `${name}-user`, 'a long password 1', name);
  return { project: project.id, user: user.id, role, headers };
}
