import type { Document, Node } from '../../model/node.ts';

/** The node as its agent is told of it: no secrets, they are masked in these documents. */
export function nodeView(node: Node): Document {
  return {
    uuid: node.uuid,
    name: node.name,
    driver: node.driver,
    provision_state: node.provisionState,
    target_provision_state: node.targetProvisionState,
    properties: node.properties,
    instance_info: node.instanceInfo,
    driver_info: node.driverInfo,
    driver_internal_info: node.driverInternalInfo,
    raid_config: node.raidConfig,
    target_raid_config: node.targetRaidConfig,
    extra: node.extra,
    instance_uuid: node.instanceUuid,
    resource_class: node.resourceClass,
    traits: node.traits,
  };
}
