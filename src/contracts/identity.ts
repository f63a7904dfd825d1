import type { Caller } from '#http/contract';

/** What the identity service knows of a caller beyond `Caller`; policy and the identity API look at it. */
export interface CallerFacts {
  projectName: string | null;
  projectDomainId: string | null;
  userDomainId: string | null;
  /** The operators' own project: its admins count as the system's. */
  adminProject: boolean;
  /** The project of service accounts. */
  serviceProject: boolean;
  /** Facts of the token; null for callers without one (auth none, http_basic). */
  token: TokenFacts | null;
}

export interface TokenFacts {
  /** `password`, `token`, `application_credential`. */
  methods: readonly string[];
  /** Own audit id, then that of the first token of the chain. */
  auditIds: readonly string[];
  /** Milliseconds since the epoch. */
  issuedAt: number;
  expiresAt: number;
  applicationCredentialId: string | null;
  /** An unrestricted application credential may make other credentials. */
  restricted: boolean;
}

/** A caller as made by the identity service. */
export interface KnownCaller extends Caller, CallerFacts {}

/** A service of this product, for the catalog. */
export interface CatalogService {
  /** `baremetal`, `identity`, … (service-types authority). */
  type: string;
  name: string;
  description?: string;
  /** Path under the public URL: `/identity`. May hold `$(project_id)s`. */
  path: string;
}
