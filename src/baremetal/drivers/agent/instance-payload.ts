import { errors } from '../../errors.ts';
import { readKernelParameters } from '../../model/kernel-parameters.ts';
import type { Node } from '../../model/node.ts';
import type { InstancePayload } from '../contract.ts';
import { instanceText } from './image-info.ts';

const URL_OF_FILE = /^(https?|glance|file):\/\//;

/**
 * What a diskless instance boots: an ISO (`boot_iso`), or a kernel and an initrd with their parameters. Throws 400 for
 * an instance that names neither.
 */
export function instancePayload(node: Node): InstancePayload {
  const iso = instanceText(node, 'boot_iso');
  if (iso !== undefined) {
    if (!URL_OF_FILE.test(iso)) throw errors.InvalidParameterValue('boot_iso in instance_info is no URL.');
    return { kind: 'iso', url: iso };
  }
  const kernel = instanceText(node, 'kernel');
  const initrd = instanceText(node, 'ramdisk');
  if (kernel === undefined || initrd === undefined) {
    throw errors.MissingParameterValue(
      'instance_info needs boot_iso, or kernel and ramdisk: this deploy interface boots them and writes no disk.',
    );
  }
  for (const url of [kernel, initrd]) {
    if (!URL_OF_FILE.test(url)) throw errors.InvalidParameterValue('kernel and ramdisk in instance_info are URLs.');
  }
  return { kind: 'linux', kernel, initrd, parameters: readKernelParameters(node.instanceInfo['kernel_append_params']) };
}
