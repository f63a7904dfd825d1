import { IngotError } from '#kernel/errors';
import { errors } from '../errors.ts';
import type { NodeValues } from '../model/node-fields.ts';

/** What a write to `nodes` collided with, in Ironic's words. Gives anything else back as it is. */
export function nodeConflict(error: unknown, uuid: string, values: NodeValues): unknown {
  if (!(error instanceof IngotError)) return error;
  const constraint = error.details?.['constraint'];
  const said = (name: string) => String(values[name] ?? '');
  switch (constraint) {
    case 'nodes_pkey':
      return errors.NodeAlreadyExists(uuid);
    case 'nodes_name_key':
      return errors.DuplicateName(said('name'));
    case 'nodes_instance_uuid_key':
      return errors.InstanceAssociated(said('instance_uuid'), uuid);
    case 'nodes_chassis_uuid_fkey':
      return errors.Invalid(`Chassis ${said('chassis_uuid')} could not be found.`);
    case 'nodes_parent_node_fkey':
      return badLink('parent_node', said('parent_node'));
    default:
      return error;
  }
}

/** The same words whether the node is not there or may not be seen. */
export function badLink(field: string, value: string): IngotError {
  return errors.Invalid(`Unable to apply the requested ${field} '${value}'. Requested value was invalid.`);
}
