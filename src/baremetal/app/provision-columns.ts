import type { Sealer } from '#store/contract';
import type { ConductorConfig } from '../model/conductor-config.ts';
import type { Document, Node } from '../model/node.ts';
import { hashRescuePassword, RESCUE_HASH } from '../model/rescue-password.ts';
import { secretAad, splitSecrets } from '../model/secrets.ts';
import type { Actor, ProvisionRequest } from '../model/verbs.ts';
import type { ProvisionEvent } from '../states/names.ts';
import { revealed } from '../store/node-load.ts';
import type { NodeChange } from '../store/transition.ts';

/** What a verb changes in the row besides the state: the instance's settings, the lessee, an old fault. */
export function verbColumns(
  event: ProvisionEvent,
  node: Node,
  request: ProvisionRequest,
  actor: Actor,
  sealer: Sealer,
  config: ConductorConfig,
): NodeChange {
  const set: NodeChange = {};
  const instance: Document = {};
  if (request.configdrive !== undefined) instance['configdrive'] = request.configdrive;
  if (event === 'rescue' && request.rescuePassword !== undefined) {
    instance[RESCUE_HASH] = hashRescuePassword(request.rescuePassword);
  }
  if (Object.keys(instance).length > 0) {
    const { masked, secrets } = splitSecrets({ ...revealed(node, 'instanceInfo'), ...instance }, 'instance_info');
    set.instance_info = masked;
    set.instance_info_sealed =
      Object.keys(secrets).length === 0 ? null : sealer.seal(secrets, secretAad(node.uuid, 'instance_info'));
  }
  if (event === 'deploy' && node.lessee === null) {
    const project = automaticLessee(node, actor, config);
    if (project !== null) {
      set.lessee = project;
      set.driver_internal_info = { ...node.driverInternalInfo, automatic_lessee: true };
    }
  }
  // The fault a failed clean set goes when the operator takes the node up again; one that a person set stays.
  if (event === 'manage' && node.fault === 'clean failure') {
    set.maintenance = false;
    set.maintenance_reason = null;
    set.fault = null;
  }
  return set;
}

function automaticLessee(node: Node, actor: Actor, config: ConductorConfig): string | null {
  if (config.automaticLessee === 'request') return actor.projectId;
  if (config.automaticLessee === 'none') return null;
  const project = node.instanceInfo['project_id'];
  return typeof project === 'string' && project !== '' ? project : null;
}
