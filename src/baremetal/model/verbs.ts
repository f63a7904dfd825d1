import type { Json } from '#work/contract';
import type { BaremetalDeps } from './deps.ts';
import type { InterfaceKind } from './interfaces.ts';
import type { Document } from './node.ts';

/** Who asked for something, for history and audit. */
export interface Actor {
  requestId: string;
  userId: string | null;
  projectId: string | null;
}

/** A request to move a node through the state machine. Shapes are checked by the API, meaning by the verb. */
export interface ProvisionRequest {
  /** As on the wire: `active`, `deleted`, `manage`… */
  target: string;
  /** URL, base64 of gzipped ISO, or `{ meta_data, network_data, user_data, vendor_data }`. */
  configdrive?: string | Document;
  cleanSteps?: readonly Document[];
  deploySteps?: readonly Document[];
  serviceSteps?: readonly Document[];
  rescuePassword?: string;
  disableRamdisk?: boolean;
  /** UUID of a runbook the caller may use on this node. */
  runbook?: string;
}

export interface PowerRequest {
  /** `power on`, `power off`, `rebooting`, `soft rebooting`, `soft power off`. */
  target: string;
  /** Seconds; the configured default when absent. */
  timeoutS?: number;
}

/** One call of a driver interface of a node, run by a conductor of the node's group. */
export interface DriverCallRequest {
  interface: InterfaceKind;
  /** Name in `drivers/contract.ts`, or one of the vendor interface's methods. */
  method: string;
  args: { [key: string]: Json | undefined };
}

/** A call of a vendor method of a hardware type, not of a node. */
export interface DriverVendorRequest {
  driver: string;
  method: string;
  httpMethod: string;
  data: Json;
}

/** What the API asks of the conductor side; the composition root plugs the functions of `app/` in. */
export interface BaremetalVerbs {
  /** Checks and enqueues. Throws 400 InvalidStateRequested, 409 NodeLocked… */
  setProvisionState(deps: BaremetalDeps, actor: Actor, nodeUuid: string, request: ProvisionRequest): Promise<void>;
  setPowerState(deps: BaremetalDeps, actor: Actor, nodeUuid: string, request: PowerRequest): Promise<void>;
  /** Gives the call's result. Throws what the driver threw, 503 when no conductor answers by the deadline. */
  driverCall(
    deps: BaremetalDeps,
    actor: Actor,
    nodeUuid: string,
    call: DriverCallRequest,
    deadlineMs: number,
  ): Promise<Json>;
  /** The same for a hardware type; any conductor that runs it. */
  driverVendorCall(deps: BaremetalDeps, actor: Actor, call: DriverVendorRequest, deadlineMs: number): Promise<Json>;
}
