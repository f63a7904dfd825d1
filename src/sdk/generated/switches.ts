// Generated from the route table of switches by `npm run generate`; a check compares. Do not edit.
import type { Operation } from '../operation.ts';

export interface Switch {
  id: string;
  name: string;
  description: string;
  driver: string;
  platform: string | null;
  address: string;
  chassis_id: string | null;
  username: string | null;
  secrets: Record<string, string>;
  host_key: string | null;
  physical_network: string | null;
  conductor_group: string;
  parking_vlan: number;
  drift: string;
  enabled: boolean;
  options: Record<string, string>;
  port_names: Record<string, string>;
  state: string;
  error: string | null;
  save_error: string | null;
  read_at: string | null;
  abilities: Record<string, unknown>;
  created_at: string;
  updated_at: string;
}

export interface SwitchPlatformsResponse {
  platforms: ({ driver: string; platform: string | null; title: string; })[];
}

export interface SwitchListResponse {
  switches: Switch[];
}

export interface SwitchCreateBody {
  description?: string | undefined;
  driver?: "ovs" | "netconf" | "gnmi" | "ssh" | undefined;
  platform?: string | null | undefined;
  address?: string | undefined;
  chassis_id?: string | null | undefined;
  username?: string | null | undefined;
  password?: string | null | undefined;
  private_key?: string | null | undefined;
  enable_password?: string | null | undefined;
  ca?: string | null | undefined;
  certificate?: string | null | undefined;
  certificate_key?: string | null | undefined;
  host_key?: string | null | undefined;
  physical_network?: string | null | undefined;
  conductor_group?: string | undefined;
  parking_vlan?: number | undefined;
  drift?: "repair" | "report" | undefined;
  enabled?: boolean | undefined;
  options?: Record<string, string> | undefined;
  port_names?: Record<string, string> | undefined;
  name: string;
}

export interface SwitchUpdateBody {
  description?: string | undefined;
  driver?: "ovs" | "netconf" | "gnmi" | "ssh" | undefined;
  platform?: string | null | undefined;
  address?: string | undefined;
  chassis_id?: string | null | undefined;
  username?: string | null | undefined;
  password?: string | null | undefined;
  private_key?: string | null | undefined;
  enable_password?: string | null | undefined;
  ca?: string | null | undefined;
  certificate?: string | null | undefined;
  certificate_key?: string | null | undefined;
  host_key?: string | null | undefined;
  physical_network?: string | null | undefined;
  conductor_group?: string | undefined;
  parking_vlan?: number | undefined;
  drift?: "repair" | "report" | undefined;
  enabled?: boolean | undefined;
  options?: Record<string, string> | undefined;
  port_names?: Record<string, string> | undefined;
  name?: string | undefined;
}

export interface SwitchDeleteQuery {
  force?: boolean | undefined;
}

export interface SwitchPortsQuery {
  fresh?: boolean | undefined;
  deadline_s?: number | undefined;
  differing?: boolean | undefined;
}

export interface SwitchPortsResponse {
  ports: ({ switch: { id: string; name: string; }; port: string; plan: Record<string, unknown> | null; owner: string | null; state: string; error: { code: string; message: string; } | null; found: string | null; foundAt: string | null; differences: ({ what: string; wanted: string; found: string; })[]; })[];
}

export interface SwitchApplyBody {
  deadline_s?: number | undefined;
  ports?: ({ port: string; plan: { vlans: { mode: "nothing"; } | { mode: "access"; vlan: number; } | { mode: "trunk"; native: number | null; allowed: number[]; }; enabled?: boolean | undefined; mtu?: number | null | undefined; description?: string | null | undefined; edge?: boolean | null | undefined; stormPercent?: number | null | undefined; } | null; })[] | undefined;
}

/** Every operation of the service, by name. */
export const switches = {
  /** List what kinds of switches there are */
  switchPlatforms: { id: 'switch.platforms', method: 'GET', path: '/switches/v1/platforms' } as Operation<undefined, undefined, undefined, SwitchPlatformsResponse>,
  /** List switches */
  switchList: { id: 'switch.list', method: 'GET', path: '/switches/v1/switches' } as Operation<undefined, undefined, undefined, SwitchListResponse>,
  /** Register a switch */
  switchCreate: { id: 'switch.create', method: 'POST', path: '/switches/v1/switches' } as Operation<undefined, undefined, SwitchCreateBody, Switch>,
  /** Show a switch */
  switchShow: { id: 'switch.show', method: 'GET', path: '/switches/v1/switches/:switch' } as Operation<{ switch: string }, undefined, undefined, Switch>,
  /** Change what is known of a switch */
  switchUpdate: { id: 'switch.update', method: 'PATCH', path: '/switches/v1/switches/:switch' } as Operation<{ switch: string }, undefined, SwitchUpdateBody, Switch>,
  /** Forget a switch; its ports stay as they are */
  switchDelete: { id: 'switch.delete', method: 'DELETE', path: '/switches/v1/switches/:switch' } as Operation<{ switch: string }, SwitchDeleteQuery, undefined, unknown>,
  /** List ports: what they shall be, what was read, and the difference */
  switchPorts: { id: 'switch.ports', method: 'GET', path: '/switches/v1/switches/:switch/ports' } as Operation<{ switch: string }, SwitchPortsQuery, undefined, SwitchPortsResponse>,
  /** Make ports of a switch as wanted, now */
  switchApply: { id: 'switch.apply', method: 'POST', path: '/switches/v1/switches/:switch/apply' } as Operation<{ switch: string }, undefined, SwitchApplyBody, SwitchPortsResponse>,
};
