import type { Table } from './rows.ts';

// The tables as this room reads them. JSON columns come as text, times as ISO 8601 text.

export interface DomainRow {
  id: string;
  name: string;
  description: string;
  enabled: boolean;
  tags: string[];
  options: string;
  extra: string;
}
export const domains: Table = {
  name: 'identity_domains',
  columns: ['id', 'name', 'description', 'enabled', 'tags', 'options', 'extra'],
};

export interface ProjectRow extends DomainRow {
  domain_id: string;
  parent_id: string | null;
  purpose: 'admin' | 'service' | null;
}
export const projects: Table = {
  name: 'identity_projects',
  columns: [...domains.columns, 'domain_id', 'parent_id', 'purpose'],
};

export interface UserRow {
  id: string;
  domain_id: string;
  name: string;
  enabled: boolean;
  default_project_id: string | null;
  description: string | null;
  email: string | null;
  options: string;
  extra: string;
  password_hash: string | null;
  password_created_at: string | null;
  password_expires_at: string | null;
  password_must_change: boolean;
}
export const users: Table = {
  name: 'identity_users',
  columns: [
    'id',
    'domain_id',
    'name',
    'enabled',
    'default_project_id',
    'description',
    'email',
    'options',
    'extra',
    'password_hash',
    'password_created_at',
    'password_expires_at',
    'password_must_change',
  ],
};

export interface GroupRow {
  id: string;
  domain_id: string;
  name: string;
  description: string;
  extra: string;
}
export const groups: Table = {
  name: 'identity_groups',
  columns: ['id', 'domain_id', 'name', 'description', 'extra'],
};

export interface RoleRow {
  id: string;
  name: string;
  domain_id: string | null;
  description: string | null;
  options: string;
  extra: string;
}
export const roles: Table = {
  name: 'identity_roles',
  columns: ['id', 'name', 'domain_id', 'description', 'options', 'extra'],
};

export interface RegionRow {
  id: string;
  parent_region_id: string | null;
  description: string;
  extra: string;
}
export const regions: Table = {
  name: 'identity_regions',
  columns: ['id', 'parent_region_id', 'description', 'extra'],
};

export interface ServiceRow {
  id: string;
  type: string;
  name: string | null;
  description: string | null;
  enabled: boolean;
  extra: string;
}
export const services: Table = {
  name: 'identity_services',
  columns: ['id', 'type', 'name', 'description', 'enabled', 'extra'],
};

export interface EndpointRow {
  id: string;
  service_id: string;
  interface: 'public' | 'internal' | 'admin';
  region_id: string | null;
  url: string;
  name: string | null;
  description: string | null;
  enabled: boolean;
  extra: string;
}
export const endpoints: Table = {
  name: 'identity_endpoints',
  columns: ['id', 'service_id', 'interface', 'region_id', 'url', 'name', 'description', 'enabled', 'extra'],
};

export interface ApplicationCredentialRow {
  id: string;
  user_id: string;
  project_id: string;
  name: string;
  description: string | null;
  secret_hash: string;
  unrestricted: boolean;
  expires_at: string | null;
  has_access_rules: boolean;
}
export const applicationCredentials: Table = {
  name: 'identity_application_credentials',
  columns: [
    'id',
    'user_id',
    'project_id',
    'name',
    'description',
    'secret_hash',
    'unrestricted',
    'expires_at',
    'has_access_rules',
  ],
};

export interface AccessRuleRow {
  id: string;
  user_id: string;
  service: string;
  method: string;
  path: string;
}
export const accessRules: Table = {
  name: 'identity_access_rules',
  columns: ['id', 'user_id', 'service', 'method', 'path'],
};

export interface RegisteredLimitRow {
  id: string;
  service_id: string;
  region_id: string | null;
  resource_name: string;
  default_limit: number;
  description: string | null;
}
export const registeredLimits: Table = {
  name: 'identity_registered_limits',
  columns: ['id', 'service_id', 'region_id', 'resource_name', 'default_limit', 'description'],
};

export interface LimitRow {
  id: string;
  registered_limit_id: string;
  project_id: string | null;
  domain_id: string | null;
  resource_limit: number;
  description: string | null;
}
export const limits: Table = {
  name: 'identity_limits',
  columns: ['id', 'registered_limit_id', 'project_id', 'domain_id', 'resource_limit', 'description'],
};
