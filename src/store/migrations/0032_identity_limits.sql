-- Quotas: a registered limit is the default of a region's service, a limit is one project's or domain's own.

create table identity_registered_limits (
  id text primary key,
  service_id text not null references identity_services (id) on delete cascade,
  region_id text references identity_regions (id),
  resource_name text not null,
  default_limit integer not null check (default_limit >= -1),
  description text
);
create unique index identity_registered_limits_what on identity_registered_limits
  (service_id, coalesce(region_id, ''), resource_name);

create table identity_limits (
  id text primary key,
  registered_limit_id text not null references identity_registered_limits (id),
  project_id text references identity_projects (id) on delete cascade,
  domain_id text references identity_domains (id) on delete cascade,
  resource_limit integer not null check (resource_limit >= -1),
  description text,
  check (num_nonnulls(project_id, domain_id) = 1)
);
create unique index identity_limits_what on identity_limits
  (registered_limit_id, coalesce(project_id, ''), coalesce(domain_id, ''));
create index identity_limits_project on identity_limits (project_id) where project_id is not null;
