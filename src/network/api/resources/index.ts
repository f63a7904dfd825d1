import type { Resource } from '../../model/resource.ts';
import { addressGroups } from './address-groups.ts';
import { addressScopes } from './address-scopes.ts';
import { networks } from './networks.ts';
import { ports } from './ports.ts';
import { rbacPolicies } from './rbac-policies.ts';
import { securityGroupRules, securityGroups } from './security-groups.ts';
import { services } from './services.ts';
import { subnetPools } from './subnet-pools.ts';
import { subnets } from './subnets.ts';

/** All resources of the Network API, in the order documents list them. */
export const resources: readonly Resource[] = [
  networks,
  subnets,
  ports,
  securityGroups,
  securityGroupRules,
  addressGroups,
  subnetPools,
  addressScopes,
  rbacPolicies,
  ...services,
];
