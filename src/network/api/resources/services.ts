import type { Resource } from '../../model/resource.ts';
import { agents } from './agents.ts';
import { floatingIps, portForwardings } from './floating-ips.ts';
import { ipAvailabilities } from './ip-availabilities.ts';
import { qosPolicies, qosRules } from './qos.ts';
import { routers } from './routers.ts';
import { segments } from './segments.ts';
import { trunks } from './trunks.ts';

/** Routers and what goes with them, and what operators look at. */
export const services: readonly Resource[] = [
  routers,
  floatingIps,
  portForwardings,
  trunks,
  qosPolicies,
  ...qosRules,
  segments,
  agents,
  ipAvailabilities,
];
