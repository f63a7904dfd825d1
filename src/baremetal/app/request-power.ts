import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { findNode } from './find-node.ts';

const TARGETS = ['power on', 'power off', 'rebooting', 'soft rebooting', 'soft power off'];

/** Asks for a power action. Throws 400 for what is no target or while the node is being cleaned, 403, 404, 409. */
export async function requestPower(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
  target: string,
  timeoutS: number | undefined,
): Promise<void> {
  const rules = ['baremetal:node:set_power_state'];
  const node = await findNode(deps, access, ident, version, rules, [
    'power_state',
    'provision_state',
    'disable_power_off',
  ]);
  if (!TARGETS.includes(target)) throw errors.InvalidStateRequested(target, ident, node.power_state ?? 'None');
  if (node.provision_state === 'cleaning' || node.provision_state === 'clean wait') {
    throw errors.InvalidStateRequested(target, ident, node.provision_state);
  }
  if (node.disable_power_off === 't' && (target === 'power off' || target === 'soft power off')) {
    throw errors.PowerStateFailure(target);
  }
  const request = timeoutS === undefined ? { target } : { target, timeoutS };
  await deps.verbs.setPowerState(deps, access.actor, node.uuid, request);
}
