// Generated from the route table of discovery by `npm run generate`; a check compares. Do not edit.
import type { Operation } from '../operation.ts';

export interface Discovery {
  id: string;
  state: string;
  total: number;
  scanned: number;
  found: number;
  enrolled: number;
  error: string | null;
  created_at: string;
  ended_at: string | null;
}

export interface DiscoveryListResponse {
  discoveries: Discovery[];
}

export interface DiscoveryCreateBody {
  places: string[];
  username?: string | undefined;
  password?: string | undefined;
  protocols?: ("redfish" | "ipmi")[] | undefined;
  certificates?: "pin" | "ca" | "any" | undefined;
  enroll?: boolean | undefined;
  conductor_group?: string | undefined;
  resource_class?: string | undefined;
  concurrency?: number | undefined;
  wait_ms?: number | undefined;
}

export interface DiscoveryFoundQuery {
  after?: string | undefined;
  limit?: number | undefined;
}

export interface DiscoveryFoundResponse {
  found: ({ seq: string; node_uuid: string | null; enrolled: boolean; place: string; protocol: string; protocols: string[]; driver: string; driver_info: Record<string, unknown>; vendor: string | null; model: string | null; serial: string | null; uuid: string | null; firmware: string | null; bios_version: string | null; power_state: string | null; health: string | null; boot: { modes: string[]; mode: string | null; secure_boot: boolean | null; devices: string[]; virtual_media: string[]; http: boolean; }; quirks: ({ id: string; source: string; })[]; properties: Record<string, unknown>; macs: string[]; fingerprint: string | null; notes: string[]; error: { code: string; message: string; } | null; command: string | null; })[];
}

/** Every operation of the service, by name. */
export const discovery = {
  /** List searches for BMCs, the newest first */
  discoveryList: { id: 'discovery.list', method: 'GET', path: '/bmc/v1/discoveries' } as Operation<undefined, undefined, undefined, DiscoveryListResponse>,
  /** Search for BMCs */
  discoveryCreate: { id: 'discovery.create', method: 'POST', path: '/bmc/v1/discoveries' } as Operation<undefined, undefined, DiscoveryCreateBody, Discovery>,
  /** Show how far a search is */
  discoveryShow: { id: 'discovery.show', method: 'GET', path: '/bmc/v1/discoveries/:discovery' } as Operation<{ discovery: string }, undefined, undefined, Discovery>,
  /** List what a search found */
  discoveryFound: { id: 'discovery.found', method: 'GET', path: '/bmc/v1/discoveries/:discovery/found' } as Operation<{ discovery: string }, DiscoveryFoundQuery, undefined, DiscoveryFoundResponse>,
  /** Stop a search */
  discoveryStop: { id: 'discovery.stop', method: 'POST', path: '/bmc/v1/discoveries/:discovery/stop' } as Operation<{ discovery: string }, undefined, undefined, Discovery>,
  /** Forget a search that has ended */
  discoveryDelete: { id: 'discovery.delete', method: 'DELETE', path: '/bmc/v1/discoveries/:discovery' } as Operation<{ discovery: string }, undefined, undefined, unknown>,
};
