-- What logins rest on: application credentials, signing keys, and what has been revoked.

create table identity_access_rules (
  id text primary key,
  user_id text not null references identity_users (id) on delete cascade,
  service text not null,
  method text not null,
  path text not null,
  unique (user_id, service, method, path)
);

create table identity_application_credentials (
  id text primary key,
  user_id text not null references identity_users (id) on delete cascade,
  project_id text not null references identity_projects (id) on delete cascade,
  name text not null,
  description text,
  secret_hash text not null,
  -- A restricted one cannot make or delete application credentials.
  unrestricted boolean not null default false,
  expires_at timestamptz,
  -- With it the credential is good for nothing but its access rules, even when that is none.
  has_access_rules boolean not null default false,
  created_at timestamptz not null default now(),
  unique (user_id, name)
);
create index identity_application_credentials_project on identity_application_credentials (project_id);

create table identity_application_credential_roles (
  credential_id text not null references identity_application_credentials (id) on delete cascade,
  role_id text not null references identity_roles (id) on delete cascade,
  primary key (credential_id, role_id)
);

create table identity_application_credential_rules (
  credential_id text not null references identity_application_credentials (id) on delete cascade,
  rule_id text not null references identity_access_rules (id),
  primary key (credential_id, rule_id)
);
create index identity_application_credential_rules_rule on identity_application_credential_rules (rule_id);

-- Keys that sign tokens. One signs at a time (the newest whose time has come); the others verify until the last
-- token they signed has expired.
create table identity_keys (
  kid text primary key,
  public_jwk json not null,
  private_sealed text not null,
  -- Known to every process for a while before it signs, so that none meets a token it cannot verify.
  signs_from timestamptz not null,
  -- null until a newer key has taken over.
  verifies_until timestamptz,
  created_at timestamptz not null default now()
);

-- Tokens taken back before their time. `audit_id` is the token's own, or, for a whole chain, that of its first.
create table identity_revocations (
  audit_id text not null,
  chain boolean not null default false,
  expires_at timestamptz not null,
  primary key (audit_id, chain)
);
create index identity_revocations_expiry on identity_revocations (expires_at);

-- Every change that may make a remembered token wrong, for other processes to forget what they remember.
-- Read by transaction, not by id: ids are given before the commit, so a lower one may appear later.
create table identity_changes (
  xid xid8 not null default pg_current_xact_id(),
  id bigint generated always as identity,
  -- 'user', 'project', 'token', 'chain', 'credential', 'catalog', 'keys', 'all'
  kind text not null,
  subject text not null default '',
  created_at timestamptz not null default now(),
  primary key (xid, id)
);
create index identity_changes_age on identity_changes (created_at);
