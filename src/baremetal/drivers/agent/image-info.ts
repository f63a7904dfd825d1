import type { ImageRequest, PreparedImage } from '#contracts/image';
import { errors } from '../../errors.ts';
import { capabilityOf } from '../../model/capabilities.ts';
import { configDriveOf } from './config-drive.ts';
import type { Document, Node } from '../../model/node.ts';
import type { DriverCall } from '../contract.ts';
import type { AgentContext } from './context.ts';
import { tellOfImage } from './image-progress.ts';

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** A setting of instance_info that may be a secret. */
export function instanceText(node: Node, key: string): string | undefined {
  return text(node.secrets.instanceInfo[key]?.reveal()) ?? text(node.instanceInfo[key]);
}

/** The image an instance asks for, as the image service is asked for it. Throws 400. */
export function imageRequestOf(node: Node): ImageRequest {
  const source = instanceText(node, 'image_source');
  if (source === undefined)
    throw errors.MissingParameterValue("Some parameters were missing in node's instance_info: image_source");
  const info = node.instanceInfo;
  const algorithm = text(info['image_os_hash_algo']);
  const hash = text(info['image_os_hash_value']);
  const checksum = hash === undefined ? text(info['image_checksum']) : `${algorithm ?? 'sha256'}:${hash}`;
  const format = text(info['image_disk_format']);
  if (format !== undefined && !['raw', 'qcow2', 'iso', 'auto'].includes(format)) {
    throw errors.InvalidParameterValue(`image_disk_format "${format.slice(0, 40)}" is none of raw, qcow2, iso, auto`);
  }
  return {
    source,
    ...(checksum === undefined ? {} : { checksum }),
    ...(format === undefined ? {} : { diskFormat: format as NonNullable<ImageRequest['diskFormat']> }),
    projectId: node.lessee ?? node.owner,
  };
}

/** Whole disks, unless the instance says partition or brings a kernel of its own. */
export function isWholeDisk(node: Node): boolean {
  const type = text(node.instanceInfo['image_type']);
  if (type !== undefined) return type !== 'partition';
  return text(node.instanceInfo['kernel']) === undefined || text(node.instanceInfo['ramdisk']) === undefined;
}

/** Gets the image ready for machines to fetch: through the image service, or as the tenant names it. */
export async function prepareImage(context: AgentContext, call: DriverCall): Promise<Document> {
  const { node, signal } = call;
  const request = imageRequestOf(node);
  if (context.images === undefined) return asNamed(node, request);
  const { onProgress, end } = tellOfImage(context, node);
  const prepared = await context.images.prepare(request, { nodeUuid: node.uuid, signal, onProgress }).finally(end);
  call.notes.internal({ image_bytes: prepared.virtualBytes });
  return fromCache(node, prepared);
}

function fromCache(node: Node, image: PreparedImage): Document {
  return {
    id: image.id,
    urls: [...image.urls],
    disk_format: 'raw',
    container_format: 'bare',
    stream_raw_images: true,
    os_hash_algo: image.hash.algorithm,
    os_hash_value: image.hash.hex,
    checksum: null,
    node_uuid: node.uuid,
    // What Ingot's agent makes more of; others leave it alone.
    manifest_url: image.manifestUrl,
    virtual_bytes: image.virtualBytes,
    raw_sha256: image.hash.hex,
    manifest_sha256: image.manifestSha256,
  };
}

/** No image service is plugged in: the machine fetches the source itself and checks it. */
function asNamed(node: Node, request: ImageRequest): Document {
  if (!/^https?:\/\//.test(request.source)) {
    throw errors.InvalidParameterValue('image_source is no http or https URL, and there is no image service');
  }
  if (request.checksum === undefined) throw errors.MissingParameterValue('an image by URL needs its checksum');
  const [algorithm, hex] =
    request.checksum.includes(':') && !request.checksum.includes('://')
      ? (request.checksum.split(':') as [string, string])
      : ['sha256', request.checksum];
  return {
    id: request.source,
    urls: [request.source],
    disk_format: request.diskFormat === undefined || request.diskFormat === 'auto' ? 'raw' : request.diskFormat,
    container_format: 'bare',
    stream_raw_images: true,
    os_hash_algo: algorithm,
    os_hash_value: hex,
    node_uuid: node.uuid,
  };
}

const gigabytes = (value: unknown): number | undefined => {
  const number = Number(value ?? Number.NaN);
  return Number.isFinite(number) && number >= 0 ? Math.trunc(number) * 1024 : undefined;
};

/** What the agent needs to write a partition image besides the bytes. */
function layoutOf(node: Node): Document {
  const info = node.instanceInfo;
  const root = gigabytes(info['root_gb']);
  if (root === undefined || root === 0)
    throw errors.MissingParameterValue('a partition image needs root_gb in instance_info');
  const ephemeral = gigabytes(info['ephemeral_gb']) ?? 0;
  return {
    root_mb: root,
    swap_mb: Math.trunc(Number(info['swap_mb'] ?? 0)) || 0,
    ephemeral_mb: ephemeral,
    ephemeral_format: text(info['ephemeral_format']) ?? 'ext4',
    preserve_ephemeral: info['preserve_ephemeral'] === true && ephemeral > 0,
    disk_label: capabilityOf(node, 'disk_label') ?? 'gpt',
  };
}

/** Parameters of `standby.prepare_image`. */
export async function prepareImageParams(context: AgentContext, call: DriverCall): Promise<Document> {
  const { node } = call;
  const image = await prepareImage(context, call);
  const whole = isWholeDisk(node);
  const drive = await configDriveOf(node, call.signal);
  const info: Document = {
    ...image,
    image_type: whole ? 'whole-disk' : 'partition',
    boot_option: 'local',
    deploy_boot_mode: capabilityOf(node, 'boot_mode') ?? 'uefi',
    ...(whole ? {} : layoutOf(node)),
  };
  const hints = node.instanceInfo['root_device'] ?? node.properties['root_device'];
  if (typeof hints === 'object' && hints !== null) info['root_device'] = hints;
  // ironic-python-agent reads it here for partition images and beside it for whole disks
  if (drive !== null && !whole) info['configdrive'] = drive;
  call.notes.internal({ is_whole_disk_image: whole });
  return { image_info: info, configdrive: drive };
}
