import type { Secret } from '#kernel/secret';
import type { InterfaceKind } from './interfaces.ts';
import type { PowerState, ProvisionState } from '../states/names.ts';

/** A free-form JSON object, parsed. */
export type Document = Record<string, unknown>;

/** A deploy, clean, service or verify step as API and drivers know it. */
export interface NodeStep {
  interface: InterfaceKind;
  step: string;
  args?: Document;
  priority?: number;
  order?: number;
  abortable?: boolean;
}

/**
 * A node as workflows and drivers see it: everything parsed, secrets opened into `Secret`s. The API's lists
 * do not make these; they splice columns.
 */
export interface Node {
  uuid: string;
  name: string | null;
  driver: string;
  interfaces: Record<InterfaceKind, string>;
  resourceClass: string | null;
  conductorGroup: string;
  owner: string | null;
  lessee: string | null;
  instanceUuid: string | null;
  instanceName: string | null;
  provisionState: ProvisionState;
  targetProvisionState: ProvisionState | null;
  powerState: PowerState | null;
  targetPowerState: PowerState | null;
  maintenance: boolean;
  fault: string | null;
  protected: boolean;
  retired: boolean;
  automatedClean: boolean | null;
  consoleEnabled: boolean;
  disablePowerOff: boolean;
  properties: Document;
  extra: Document;
  /** Masked, as shown; the secret keys' values are in `secrets`. */
  driverInfo: Document;
  instanceInfo: Document;
  driverInternalInfo: Document;
  /** Values of the secret keys, by document and key. */
  secrets: {
    driverInfo: Record<string, Secret<unknown>>;
    instanceInfo: Record<string, Secret<unknown>>;
    driverInternalInfo: Record<string, Secret<unknown>>;
  };
  networkData: Document;
  raidConfig: Document;
  targetRaidConfig: Document;
  traits: readonly string[];
  cleanStep: Document;
  deployStep: Document;
  serviceStep: Document;
  operationId: string | null;
  operation: string | null;
  reservation: string | null;
  fence: bigint;
  revision: bigint;
}
