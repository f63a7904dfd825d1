import { errors } from '../errors.ts';
import type { Auth } from './contract.ts';

/** No login: the service believes everybody. */
export function noAuth(endpoint: string | undefined): Auth {
  return withHeaders({}, endpoint);
}

/** A name and a password with each request (RFC 7617). */
export function basicAuth(user: string, password: string, endpoint: string | undefined): Auth {
  const word = Buffer.from(`${user}:${password}`, 'utf8').toString('base64');
  return withHeaders({ Authorization: `Basic ${word}` }, endpoint);
}

function withHeaders(headers: Record<string, string>, endpoint: string | undefined): Auth {
  return {
    headers: () => Promise.resolve(headers),
    endpoint: ({ serviceType, region }) => {
      if (endpoint === undefined) return Promise.reject(errors.NoEndpoint(serviceType, region));
      return Promise.resolve(endpoint.replace(/\/+$/, ''));
    },
    renew: () => false,
  };
}
