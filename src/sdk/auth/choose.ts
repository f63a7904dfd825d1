import { errors } from '../errors.ts';
import type { Auth } from './contract.ts';
import { KeystoneAuth } from './keystone.ts';
import { basicAuth, noAuth } from './plain.ts';

/** How to log in, by the names that clouds.yaml and the `OS_` variables share (`username`, `project_name`, …). */
export interface AuthFacts {
  /** As clouds.yaml has it: `password`, `v3password`, `token`, `v3applicationcredential`, `http_basic`, `none`. */
  type: string | undefined;
  values: Readonly<Record<string, string | undefined>>;
  /** The service's own address, where one is given. */
  endpoint: string | undefined;
}

/** The way to log in that the facts describe. Throws `AuthIncomplete`, `AuthUnknown`. */
export function chooseAuth({ type, values, endpoint }: AuthFacts): Auth {
  const chosen = type ?? guessed(values, endpoint);
  const need = (...names: string[]): string => {
    for (const name of names) {
      const value = values[name];
      if (value !== undefined && value !== '') return value;
    }
    throw errors.AuthIncomplete(chosen, names.join(' or '));
  };
  const place = endpoint ?? values['endpoint'];
  switch (chosen.replace(/^v3/, '')) {
    case 'none':
      return noAuth(place ?? need('endpoint'));
    case 'http_basic':
      return basicAuth(need('username'), need('password'), place ?? need('endpoint'));
    case 'admin_token':
      return fixedToken(need('token'), place ?? need('endpoint'));
    case 'password':
      return new KeystoneAuth(
        need('auth_url'),
        { methods: ['password'], password: { user: { ...userOf(values, need), password: need('password') } } },
        scopeOf(values),
      );
    case 'token':
      return new KeystoneAuth(need('auth_url'), { methods: ['token'], token: { id: need('token') } }, scopeOf(values));
    case 'applicationcredential':
    case 'application_credential': {
      const id = values['application_credential_id'];
      const who = id === undefined ? { name: need('application_credential_name'), user: userOf(values, need) } : { id };
      const secret = need('application_credential_secret');
      return new KeystoneAuth(
        need('auth_url'),
        { methods: ['application_credential'], application_credential: { ...who, secret } },
        // Its scope is its own.
        undefined,
      );
    }
    default:
      throw errors.AuthUnknown(chosen);
  }
}

/** What people leave out is plain from what they give. */
function guessed(values: AuthFacts['values'], endpoint: string | undefined): string {
  if (values['application_credential_secret'] !== undefined) return 'v3applicationcredential';
  if (values['auth_url'] !== undefined) return values['token'] === undefined ? 'password' : 'token';
  if (endpoint !== undefined && values['username'] !== undefined) return 'http_basic';
  return 'none';
}

function userOf(values: AuthFacts['values'], need: (...names: string[]) => string): Record<string, unknown> {
  const id = values['user_id'];
  if (id !== undefined) return { id };
  const name = need('username', 'user_id');
  return { name, domain: domainOf(values, 'user_domain') };
}

function domainOf(values: AuthFacts['values'], prefix: string): Record<string, string> {
  const [id, name] = [values[`${prefix}_id`], values[`${prefix}_name`]];
  if (id !== undefined) return { id };
  if (name !== undefined) return { name };
  const preset = values['default_domain_id'] ?? values['default_domain'];
  return preset === undefined ? { id: 'default' } : { id: preset };
}

function scopeOf(values: AuthFacts['values']): unknown {
  if (values['system_scope'] !== undefined) return { system: { all: true } };
  const project = values['project_id'] ?? values['tenant_id'];
  if (project !== undefined) return { project: { id: project } };
  const name = values['project_name'] ?? values['tenant_name'];
  if (name !== undefined) return { project: { name, domain: domainOf(values, 'project_domain') } };
  if (values['domain_id'] !== undefined) return { domain: { id: values['domain_id'] } };
  if (values['domain_name'] !== undefined) return { domain: { name: values['domain_name'] } };
  return undefined;
}

function fixedToken(token: string, endpoint: string): Auth {
  return {
    headers: () => Promise.resolve({ 'X-Auth-Token': token }),
    endpoint: () => Promise.resolve(endpoint.replace(/\/+$/, '')),
    renew: () => false,
  };
}
