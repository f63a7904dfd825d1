-- Who there is: domains, projects, users, groups, roles, and what joins them. Ids are 32 hexadecimal digits, as
-- Keystone's, so that they fit everywhere a client keeps them; the first domain's is 'default'.

create table identity_domains (
  id text primary key,
  name text not null unique,
  description text not null default '',
  enabled boolean not null default true,
  tags text[] not null default '{}',
  options json not null default '{}',
  extra json not null default '{}',
  created_at timestamptz not null default now()
);

create table identity_projects (
  id text primary key,
  domain_id text not null references identity_domains (id) on delete cascade,
  -- null: directly below its domain.
  parent_id text references identity_projects (id),
  name text not null,
  description text not null default '',
  enabled boolean not null default true,
  -- The operators' own project, whose admins are the system's, and that of service accounts. Told by this mark,
  -- never by the name: a name can be taken by who may make projects.
  purpose text unique check (purpose in ('admin', 'service')),
  tags text[] not null default '{}',
  options json not null default '{}',
  extra json not null default '{}',
  created_at timestamptz not null default now(),
  unique (domain_id, name)
);
create index identity_projects_parent on identity_projects (parent_id) where parent_id is not null;

create table identity_users (
  id text primary key,
  domain_id text not null references identity_domains (id) on delete cascade,
  name text not null,
  enabled boolean not null default true,
  default_project_id text,
  description text,
  email text,
  options json not null default '{}',
  extra json not null default '{}',
  -- null: the user has no password and cannot log in with one.
  password_hash text,
  password_created_at timestamptz,
  password_expires_at timestamptz,
  -- An admin set it: it must be changed before it is good for a token.
  password_must_change boolean not null default false,
  -- Tokens issued before this are void. Set when the password changes or the user is disabled.
  tokens_after timestamptz,
  created_at timestamptz not null default now(),
  unique (domain_id, name)
);

create table identity_password_history (
  user_id text not null references identity_users (id) on delete cascade,
  password_hash text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (user_id, created_at)
);

create table identity_groups (
  id text primary key,
  domain_id text not null references identity_domains (id) on delete cascade,
  name text not null,
  description text not null default '',
  extra json not null default '{}',
  unique (domain_id, name)
);

create table identity_group_members (
  group_id text not null references identity_groups (id) on delete cascade,
  user_id text not null references identity_users (id) on delete cascade,
  primary key (group_id, user_id)
);
create index identity_group_members_user on identity_group_members (user_id);

create table identity_roles (
  id text primary key,
  name text not null,
  -- null: a role of all domains.
  domain_id text references identity_domains (id) on delete cascade,
  description text,
  options json not null default '{}',
  extra json not null default '{}'
);
create unique index identity_roles_name on identity_roles (lower(name), coalesce(domain_id, ''));

create table identity_implied_roles (
  prior_id text not null references identity_roles (id) on delete cascade,
  implied_id text not null references identity_roles (id) on delete cascade,
  primary key (prior_id, implied_id),
  check (prior_id <> implied_id)
);

-- Exactly one actor; at most one of project and domain, neither for the system.
create table identity_assignments (
  role_id text not null references identity_roles (id) on delete cascade,
  user_id text references identity_users (id) on delete cascade,
  group_id text references identity_groups (id) on delete cascade,
  project_id text references identity_projects (id) on delete cascade,
  domain_id text references identity_domains (id) on delete cascade,
  -- Holds for the projects below the project or domain, not for itself.
  inherited boolean not null default false,
  check (num_nonnulls(user_id, group_id) = 1),
  check (num_nonnulls(project_id, domain_id) <= 1),
  check (not (inherited and num_nonnulls(project_id, domain_id) = 0))
);
create unique index identity_assignments_all on identity_assignments
  (coalesce(user_id, ''), coalesce(group_id, ''), coalesce(project_id, ''), coalesce(domain_id, ''), role_id, inherited);
create index identity_assignments_user on identity_assignments (user_id) where user_id is not null;
create index identity_assignments_group on identity_assignments (group_id) where group_id is not null;
create index identity_assignments_project on identity_assignments (project_id) where project_id is not null;
create index identity_assignments_domain on identity_assignments (domain_id) where domain_id is not null;

create table identity_regions (
  id text primary key,
  parent_region_id text references identity_regions (id),
  description text not null default '',
  extra json not null default '{}'
);

create table identity_services (
  id text primary key,
  type text not null,
  name text,
  description text,
  enabled boolean not null default true,
  extra json not null default '{}'
);

create table identity_endpoints (
  id text primary key,
  service_id text not null references identity_services (id) on delete cascade,
  interface text not null check (interface in ('public', 'internal', 'admin')),
  region_id text references identity_regions (id),
  url text not null,
  name text,
  description text,
  enabled boolean not null default true,
  extra json not null default '{}'
);
create index identity_endpoints_service on identity_endpoints (service_id);
create index identity_endpoints_region on identity_endpoints (region_id) where region_id is not null;
