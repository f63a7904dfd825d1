import type { Fetch } from '../fetch.ts';

/** What a way to log in is given for its own requests. */
export interface AuthTools {
  fetch: Fetch;
  /** Milliseconds since the epoch. */
  now(): number;
  timeoutMs: number;
}

/** Which endpoint of the catalog is meant. */
export interface EndpointWish {
  serviceType: string;
  /** '' for any. */
  region: string;
  interface: string;
}

/** A way to log in. */
export interface Auth {
  /** Headers that say who asks. */
  headers(tools: AuthTools): Promise<Record<string, string>>;
  /** Where a service is, without a trailing slash. Throws `NoEndpoint`. */
  endpoint(wish: EndpointWish, tools: AuthTools): Promise<string>;
  /** After a 401: forgets what can be got anew. False when asking again is no use. */
  renew(): boolean;
  /** The token in use, of ways that have one. */
  token?(tools: AuthTools): Promise<IssuedToken>;
}

/** A token and what is known of it. */
export interface IssuedToken {
  id: string;
  /** ISO 8601. */
  expires: string | null;
  projectId: string | null;
  userId: string | null;
}
