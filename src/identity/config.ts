import type { CatalogService } from '#contracts/identity';
import type { Secret } from '#kernel/secret';
import type { ThrottleOptions } from './passwords/throttle.ts';

/** Rules for passwords users choose. Nothing is required of generated ones. */
export interface PasswordRules {
  /** Characters. Default 8. */
  minLength: number;
  /** How many of the last ones may not be used again. Default 0: none are kept. */
  history: number;
  /** Days a password is good for; 0 = for ever. Default 0. */
  expiresDays: number;
  /** Days before it may be changed again by the user. Default 0. */
  minimumAgeDays: number;
  /** A regular expression every password must match, and how to say it to people. Default none. */
  pattern?: string;
  patternDescription?: string;
  /** A password set by an admin must be changed at the first login. Default false. */
  changeAtFirstUse: boolean;
}

/** Where and as whom to ask an existing Keystone. */
export interface JoinedKeystone {
  /** `https://keystone.example/v3` or without the version. */
  url: string;
  userName: string;
  password: Secret;
  userDomainName: string;
  projectName: string;
  projectDomainName: string;
  /** Answers are believed this long, milliseconds. Default 60,000. */
  cacheMs?: number;
  /** Milliseconds one question may take. Default 5,000. */
  timeoutMs?: number;
}

export interface IdentityConfig {
  /** `keystone`: tokens, ours or (with `joined`) those of an existing Keystone. */
  strategy: 'keystone' | 'none' | 'http_basic';
  /** Addresses the API listens on; `none` refuses anything but loopback. */
  listening: readonly string[];
  /** `none` on any address. */
  force?: boolean;
  /** For `http_basic`. */
  htpasswdFile?: string;
  joined?: JoinedKeystone;
  /** Overrides of policy rules: TOML, JSON or flat YAML. Read again when it changes. */
  policyFile?: string;
  /** As clients reach the API: `http://127.0.0.1:6385`, without a slash at the end. For the catalog. */
  publicUrl: string;
  region?: string;
  /** What the catalog offers beside identity. */
  services?: readonly CatalogService[];
  /** Folder for the first admin's password. */
  dataDir: string;
  /** Password of the first admin; none: one is made and written to `admin-password` in `dataDir`. */
  adminPassword?: Secret;
  /** Milliseconds a token lives. Default 8 hours. */
  tokenLifetimeMs?: number;
  /** Milliseconds between new signing keys. Default 30 days. */
  keyRotationMs?: number;
  passwords?: Partial<PasswordRules>;
  throttle?: ThrottleOptions;
  /** Names of the operators' own project and of the services' project, in the default domain. */
  adminProject?: string;
  serviceProject?: string;
  /** Accounts with the role `service` in the services' project act for the whole system. Default false, as Ironic. */
  trustServiceProject?: boolean;
}
