import type { Json } from '#work/contract';
import type { BaremetalDeps } from './deps.ts';
import type { InterfaceKind } from './interfaces.ts';
import type { DeployPlan } from './deploy-plan.ts';
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

/**
 * One call of a driver interface of a node, run by a conductor of the node's group. Method, its `args`, and the
 * result (methods are those of `drivers/contract.ts`; names within `args` and results are the API's):
 *
 *   deploy      validateAll           {}                            { power: { result, reason? }, … } for all kinds
 *   management  getBootDevice         {}                            { boot_device, persistent }
 *               setBootDevice         { boot_device, persistent }   null
 *               supportedBootDevices  {}                            [name, …]
 *               injectNmi             {}                            null
 *               setBootMode           { mode }                      null
 *               setSecureBoot         { on }                        null
 *               indicators            {}                            { component: [{ id, readonly, states }] }
 *               getIndicator          { component, id }             'on'
 *               setIndicator          { component, id, state }      null
 *               virtualMedia.list     {}                            [document, …]
 *               virtualMedia.insert   { device_type, image_url }    null
 *               virtualMedia.eject    { device_types }              null; none named: all
 *   console     start, stop           {}                            null
 *               info                  {}                            { type, url } or null
 *   network     attachVif             { vif }                       null
 *               detachVif             { vif_id }                    null
 *   vendor      <its method>          { http_method, data }         whatever it gives
 *
 * A method the implementation does not have fails with `UnsupportedDriverExtension`.
 */
export interface DriverCallRequest {
  interface: InterfaceKind;
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
  /** What a deploy with these settings over the node's own would do and needs; see app/plan-deploy.ts. */
  planDeploy(deps: BaremetalDeps, actor: Actor, nodeUuid: string, instance: Document): Promise<DeployPlan>;
  /** Checks and enqueues. Throws 400 InvalidStateRequested, 409 NodeLocked… */
  setProvisionState(deps: BaremetalDeps, actor: Actor, nodeUuid: string, request: ProvisionRequest): Promise<void>;
  setPowerState(deps: BaremetalDeps, actor: Actor, nodeUuid: string, request: PowerRequest): Promise<void>;
  /** Applies what inspection found once more, or `data` in its place; see app/reapply-inspection.ts. */
  reapplyInspection(deps: BaremetalDeps, actor: Actor, nodeUuid: string, data?: Document): Promise<void>;
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
