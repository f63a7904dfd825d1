import type { SecretValues } from '../../model/secrets.ts';
import { secretAad } from '../../model/secrets.ts';
import type { NodeChange } from '../../store/transition.ts';
import type { Segment } from '../segment.ts';

const KEYS = ['rescue_password', 'hashed_rescue_password'];

/** Takes the rescue password out of the instance's settings. */
export function withoutPassword(segment: Segment): NodeChange {
  const { node, side } = segment;
  if (!KEYS.some((key) => key in node.instanceInfo)) return {};
  const info = { ...node.instanceInfo };
  const kept: SecretValues = {};
  for (const [path, secret] of Object.entries(node.secrets.instanceInfo)) {
    if (!KEYS.includes(path)) kept[path] = secret.reveal();
  }
  for (const key of KEYS) {
    delete info[key];
    delete node.secrets.instanceInfo[key];
  }
  node.instanceInfo = info;
  const sealed = Object.keys(kept).length === 0 ? null : side.sealer.seal(kept, secretAad(node.uuid, 'instance_info'));
  return { instance_info: info, instance_info_sealed: sealed };
}
