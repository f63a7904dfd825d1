import type { DriverStep, StepOutcome } from '../contract.ts';
import { longStep, resultOf } from './command.ts';
import type { AgentContext } from './context.ts';
import { prepareImageParams } from './image-info.ts';

/** Writing an image takes no longer than this, even over a slow link to a slow disk. */
const LONGEST_MS = 12 * 3_600_000;

/** Ironic's `write_image`: the agent fetches the image, checks it and writes it to the root device. */
export function writeImage(context: AgentContext): DriverStep {
  const parts = longStep(
    context,
    'write_image',
    async (call) => {
      const params = await prepareImageParams(context, call);
      const bytes = Number(call.node.driverInternalInfo['image_bytes']);
      return {
        name: 'standby.prepare_image',
        params,
        what: 'write the image',
        longestMs: LONGEST_MS,
        ...(Number.isSafeInteger(bytes) && bytes > 0 ? { bytes } : {}),
      };
    },
    async (call, command): Promise<StepOutcome> => {
      const result = resultOf('standby.prepare_image', command);
      call.notes.internal(rootOf(result));
      return { kind: 'done' };
    },
  );
  return { interface: 'deploy', step: 'write_image', priority: 80, kinds: ['deploy'], requiresRamdisk: true, ...parts };
}

/** Where the system was written: UUIDs of its partitions, as the agent's text or Ingot's agent's own words say. */
export function rootOf(result: Record<string, unknown>): Record<string, unknown> {
  const text = typeof result['result'] === 'string' ? result['result'] : '';
  const written = (result['written'] ?? {}) as Record<string, unknown>;
  const uuid = (value: unknown) =>
    typeof value === 'string' && /^[0-9A-Za-z-]{1,64}$/.test(value) ? value : undefined;
  const root = uuid(written['root_uuid']) ?? uuid(/root_uuid=([0-9A-Za-z-]+)/.exec(text)?.[1]);
  const esp = uuid(written['efi_system_partition_uuid']);
  const device = /device (\/dev\/[A-Za-z0-9/_-]+)/.exec(text)?.[1];
  return {
    root_uuid_or_disk_id: root,
    efi_system_partition_uuid: esp,
    root_device: device,
  };
}
