import { errors } from '../../errors.ts';
import type { Document, Node } from '../../model/node.ts';
import type { DriverCall, DriverStep } from '../contract.ts';
import { longStep, resultOf } from './command.ts';
import type { AgentContext } from './context.ts';
import { prepareImageParams } from './image-info.ts';
import { nodeView } from './node-view.ts';

/** Reading a whole disk takes no longer than this. */
const LONGEST_MS = 24 * 3_600_000;
/** Where the capture that is being made is kept until it is closed. */
const KEY = 'capture';

interface Capture {
  image_id: string;
  upload_url: string;
  manifest_url: string | null;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/**
 * The service step `capture`: the root disk of an instance becomes an image, block by block, only what is not stored
 * yet. Arguments: `name`, `parent` (an earlier capture), `device`. The image's id stands in
 * `driver_internal_info.last_capture` afterwards.
 */
export function capture(context: AgentContext): DriverStep {
  const begin = async (call: DriverCall, args: Document): Promise<Capture> => {
    const kept = call.node.driverInternalInfo[KEY] as Capture | undefined;
    if (kept !== undefined) return kept;
    const { images } = context;
    if (images === undefined) throw errors.InvalidParameterValue('There is no image service to capture a disk to.');
    const parent = text(args['parent']);
    const made = await images.beginCapture({
      nodeUuid: call.node.uuid,
      projectId: call.node.lessee ?? call.node.owner,
      name: text(args['name']) ?? `capture of ${call.node.instanceName ?? call.node.name ?? call.node.uuid}`,
      ...(parent === undefined ? {} : { parentId: parent }),
    });
    const begun: Capture = { image_id: made.imageId, upload_url: made.uploadUrl, manifest_url: made.manifestUrl };
    call.notes.internal({ [KEY]: begun });
    await call.saveNotes();
    return begun;
  };
  const parts = longStep(
    context,
    'capture',
    async (call, args) => {
      const { upload_url, manifest_url } = await begin(call, args);
      const device = text(args['device']) ?? text(call.node.driverInternalInfo['root_device']);
      return {
        name: 'ingot.capture',
        what: 'capture the disk',
        longestMs: LONGEST_MS,
        params: {
          upload_url,
          ...(manifest_url === null ? {} : { parent_manifest_url: manifest_url }),
          ...(device === undefined ? {} : { device }),
          compression: 'zstd',
          node: nodeView(call.node),
        },
      };
    },
    async (call, command) => {
      const kept = call.node.driverInternalInfo[KEY] as Capture | undefined;
      const good = command.status === 'SUCCEEDED';
      if (kept !== undefined) await context.images?.endCapture(kept.image_id, good ? 'done' : 'failed', call.signal);
      call.notes.internal({ [KEY]: undefined });
      const result = resultOf('ingot.capture', command);
      call.notes.internal({ last_capture: { image_id: kept?.image_id ?? null, ...shownOf(result) } });
      return { kind: 'done' };
    },
  );
  return { interface: 'deploy', step: 'capture', priority: 0, kinds: ['service'], requiresRamdisk: true, ...parts };
}

/** A capture whose step ended in another way, by its time or a crash: what was sent of it is thrown away. */
export async function endOpenCapture(context: AgentContext, call: DriverCall): Promise<void> {
  const kept = call.node.driverInternalInfo[KEY] as Capture | undefined;
  if (kept === undefined) return;
  try {
    await context.images?.endCapture(kept.image_id, 'failed');
  } catch (error) {
    call.assertMayWrite();
    context.log.warn({ node: call.node.uuid, image: kept.image_id, err: error }, 'a capture could not be closed');
  }
  call.notes.internal({ [KEY]: undefined });
}

function shownOf(result: Document): Document {
  const names = ['device', 'virtual_bytes', 'blocks', 'sent_blocks', 'sent_bytes'];
  return Object.fromEntries(names.flatMap((name) => (result[name] === undefined ? [] : [[name, result[name]]])));
}

/** The service step `restore`: writes an image (a capture, mostly) over the root disk. Argument: `image`. */
export function restore(context: AgentContext): DriverStep {
  const parts = longStep(
    context,
    'restore',
    async (call, args) => {
      const image = text(args['image']);
      if (image === undefined) throw errors.MissingParameterValue('restore needs the argument image');
      const node: Node = { ...call.node, instanceInfo: { image_source: image, image_type: 'whole-disk' } };
      // The disk as it was captured holds its config drive already.
      node.secrets = { ...node.secrets, instanceInfo: {} };
      return {
        name: 'standby.prepare_image',
        what: 'write the image',
        longestMs: LONGEST_MS,
        params: await prepareImageParams(context, { ...call, node }),
      };
    },
    async (_call, command) => {
      resultOf('standby.prepare_image', command);
      return { kind: 'done' };
    },
  );
  return { interface: 'deploy', step: 'restore', priority: 0, kinds: ['service'], requiresRamdisk: true, ...parts };
}
