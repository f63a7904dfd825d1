import type { ImageInfo, PrepareImageResult, WrittenImage } from '#agent-api/image-info';
import { async_, type Extension, type Run, sync } from '../commands/command.ts';
import { objectOf } from '../commands/parameters.ts';
import { partitionPath, partitionsOf, readTable } from '../disks/tables.ts';
import { targetDisk, writeImage, type WriteOptions } from '../images/write-image.ts';
import { uuidOf } from '../images/partition-image.ts';
import { outputOf } from '../machine/contract.ts';

/** Time for the answer to a command to leave before the machine goes. */
const LAST_WORDS_MS = 1500;

/** `standby`: write images, and end this run of the machine. */
export function standby(options: WriteOptions): Extension {
  const goes = (how: 'off' | 'reboot') =>
    async_(async (_params, run) => {
      await sync_(run);
      run.clock.after(LAST_WORDS_MS, () => void run.machine.halt(how).catch(() => {}));
      return how === 'off' ? 'the machine powers off' : 'the machine restarts';
    });
  return {
    prepare_image: async_(async (params, run): Promise<PrepareImageResult> => {
      const info = objectOf(params, 'image_info') as unknown as ImageInfo;
      const drive = params['configdrive'] ?? info.configdrive;
      const written = await writeImage(info, typeof drive === 'string' ? drive : null, run, options);
      return { result: `prepare_image: ${message(info, written)}`, ...(tellsMore(run) ? { written } : {}) };
    }),
    cache_image: async_(async (params, run) => {
      const info = objectOf(params, 'image_info') as unknown as ImageInfo;
      return message(info, await writeImage(info, null, run, options));
    }),
    run_image: goes('reboot'),
    power_off: goes('off'),
    reboot: goes('reboot'),
    sync: sync(async (_params, run) => {
      await sync_(run);
      return null;
    }),
    get_partition_uuids: sync(async (_params, run) => {
      const disk = await targetDisk(run, undefined, null);
      const device = await run.machine.open(disk.name, 'read');
      const table = await readTable(device, disk.logical_sectors ?? 512).finally(() => device.close());
      const root = partitionsOf(table).at(-1);
      const uuid = root === undefined ? null : await uuidOf(run, partitionPath(disk.name, root.number));
      return uuid === null ? {} : { 'root uuid': uuid };
    }),
  };
}

/** Does the conductor read more than the text? */
export function tellsMore(run: Run): boolean {
  return run.config()['ingot'] !== undefined;
}

async function sync_(run: Run): Promise<void> {
  await outputOf(run.machine, 'sync', [], { timeoutMs: 300_000 });
}

/** The text conductors cut the UUIDs out of. */
function message(info: ImageInfo, written: WrittenImage): string {
  const text = `image (${info.id}) written to device ${written.device} root_uuid=${written.root_uuid ?? ''}`;
  return written.efi_system_partition_uuid === null
    ? text
    : `${text} efi_system_partition_uuid=${written.efi_system_partition_uuid}`;
}
