import { errors } from '../errors.ts';
import { statesWhere } from '../states/table.ts';
import { INTERFACE_FIELDS } from './node-fields.ts';

/** States in which a node with a target may be edited all the same (Ironic's UPDATE_ALLOWED_STATES). */
const EDITABLE_IN_FLIGHT: ReadonlySet<string> = new Set(statesWhere((row) => row.updatable === true));

/** States in which interfaces, driver and resource class may change. */
const SHAPE_STATES = statesWhere((row) => row.interfacesEditable === true);

/** What the rules of an edit look at. */
export interface EditedNode {
  uuid: string;
  provisionState: string;
  targetProvisionState: string | null;
  maintenance: boolean;
  instanceUuid: string | null;
  resourceClass: string | null;
  allocationUuid: string | null;
  consoleEnabled: boolean;
}

/** Fields an edit really changes, with their new values. */
export type Delta = ReadonlyMap<string, unknown>;

/**
 * Refuses an edit of a node on its way somewhere. `inspectingLocked`: the client knows `inspect wait`, so that
 * `inspecting` itself is closed to it.
 */
export function checkEditable(node: EditedNode, ident: string, inspectingLocked: boolean): void {
  if (node.targetProvisionState !== null && !EDITABLE_IN_FLIGHT.has(node.provisionState)) {
    throw errors.Conflict(`Node ${ident} can not be updated while a state transition is in progress.`, {
      retryAfter: 2,
    });
  }
  if (node.provisionState === 'inspecting' && inspectingLocked) {
    throw errors.Conflict(`Cannot update node "${node.uuid}" while it is in state "inspecting".`, { retryAfter: 2 });
  }
}

/** The rules of what may change when. `after` gives a field's value as it will be. Throws 400 or 409. */
export function checkDelta(node: EditedNode, ident: string, delta: Delta, after: (field: string) => unknown): void {
  const { uuid, provisionState: state } = node;
  if (delta.has('driver') && node.consoleEnabled) {
    throw errors.Conflict(
      `Node ${ident} can not update the driver while the console is enabled. Please stop the console first.`,
    );
  }
  if (delta.get('protected') === true && state !== 'active' && state !== 'rescue') {
    throw errors.InvalidState(
      `Node ${uuid} can only be made protected in provision states 'active' or 'rescue', the current state is '${state}'`,
    );
  }
  for (const flag of ['protected', 'retired']) {
    if (delta.get(`${flag}_reason`) && after(flag) !== true) {
      throw errors.InvalidParameterValue(`The ${flag}_reason field can only be set when ${flag} is True`);
    }
  }
  if (delta.get('retired') === true && state === 'available') {
    throw errors.InvalidState(
      `Node ${uuid} can not have 'retired' set in provision state 'available', the current state is '${state}'`,
    );
  }
  const shapeable = (SHAPE_STATES as readonly string[]).includes(state);
  for (const field of ['driver', ...INTERFACE_FIELDS]) {
    if (delta.has(field) && !shapeable && !(node.maintenance || after('maintenance') === true)) {
      throw errors.InvalidState(notNow(uuid, field, 'states or in maintenance mode', state));
    }
  }
  if (delta.get('instance_uuid') && node.instanceUuid !== null) throw errors.NodeAssociated(uuid, node.instanceUuid);
  if (delta.has('resource_class') && node.resourceClass && !shapeable) {
    throw errors.InvalidState(notNow(uuid, 'resource_class', 'states', state));
  }
  if (delta.has('instance_uuid') && !delta.get('instance_uuid') && node.allocationUuid !== null) {
    if (!node.maintenance && !shapeable) {
      throw errors.InvalidState(
        `Node ${uuid} with an allocation can not have instance_uuid removed unless it is in one of allowed ` +
          `(${SHAPE_STATES.join(', ')}) states or in maintenance mode. Current state is '${state}'.`,
      );
    }
  }
}

function notNow(uuid: string, field: string, where: string, state: string): string {
  return (
    `Node ${uuid} can not have ${field} updated unless it is in one of allowed (${SHAPE_STATES.join(', ')}) ${where}. ` +
    `Current state is '${state}'.`
  );
}
