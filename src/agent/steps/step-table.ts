import type { ImageInfo } from '#agent-api/image-info';
import type { AgentStep, StepPhase } from '#agent-api/steps';
import { burnInCpu, burnInDisk, burnInMemory } from '../burn-in.ts';
import type { Params, Run } from '../commands/command.ts';
import { objectOf } from '../commands/parameters.ts';
import { eraseDisks } from '../erase/erase.ts';
import { type WriteOptions, writeImage } from '../images/write-image.ts';
import { createRaid, deleteRaid } from '../raid/software.ts';
import { cleanUefiNvram, erasePstore } from './firmware.ts';
import { injectFiles } from './inject-files.ts';

/** A step with what it does. */
export interface StepDefinition {
  step: AgentStep;
  phases: readonly StepPhase[];
  run(args: Params, node: Params, run: Run): Promise<unknown>;
}

const step = (
  name: string,
  priority: number,
  options: Partial<Pick<AgentStep, 'interface' | 'abortable' | 'argsinfo'>> = {},
): AgentStep => ({ step: name, priority, interface: 'deploy', reboot_requested: false, abortable: true, ...options });

/** All steps of this agent, by ironic-python-agent's names, priorities and arguments. */
export function stepTable(options: WriteOptions): readonly StepDefinition[] {
  const erase = (kind: Parameters<typeof eraseDisks>[0]) => async (_args: Params, node: Params, run: Run) => {
    await options.shared.clear();
    return await eraseDisks(kind, node, run);
  };
  const raidConfig = {
    raid_config: { description: 'The RAID configuration to apply.', required: true },
    delete_existing: { description: 'Delete what is there first. Default true.', required: false },
  };
  return [
    { step: step('erase_devices', 10), phases: ['clean'], run: erase('all') },
    { step: step('erase_devices_metadata', 99), phases: ['clean'], run: erase('metadata') },
    { step: step('erase_devices_express', 0), phases: ['clean'], run: erase('express') },
    { step: step('erase_devices_metadata', 0), phases: ['deploy'], run: erase('metadata') },
    { step: step('erase_pstore', 0), phases: ['clean'], run: async (_args, _node, run) => await erasePstore(run) },
    {
      step: step('clean_uefi_nvram', 0, {
        argsinfo: {
          match_patterns: { description: 'Regular expressions on the device paths of boot entries.', required: false },
        },
      }),
      phases: ['clean', 'deploy', 'service'],
      run: async (args, _node, run) => await cleanUefiNvram(args, run),
    },
    {
      step: step('delete_configuration', 0, { interface: 'raid' }),
      phases: ['clean', 'service'],
      run: async (_args, _node, run) => await deleteRaid(run),
    },
    {
      step: step('create_configuration', 0, { interface: 'raid' }),
      phases: ['clean', 'service'],
      run: async (_args, node, run) => await createRaid(node['target_raid_config'], run),
    },
    {
      step: step('apply_configuration', 0, { interface: 'raid', argsinfo: raidConfig }),
      phases: ['deploy', 'service'],
      run: async (args, _node, run) => {
        if (args['delete_existing'] !== false) await deleteRaid(run);
        return await createRaid(args['raid_config'], run);
      },
    },
    {
      step: step('burnin_cpu', 0),
      phases: ['clean', 'service'],
      run: async (_a, node, run) => await burnInCpu(node, run),
    },
    {
      step: step('burnin_memory', 0),
      phases: ['clean', 'service'],
      run: async (_a, node, run) => await burnInMemory(node, run),
    },
    { step: step('burnin_disk', 0), phases: ['clean'], run: async (_a, node, run) => await burnInDisk(node, run) },
    {
      step: step('write_image', 0, {
        argsinfo: {
          image_info: { description: 'What to write, as prepare_image takes it.', required: true },
          configdrive: { description: 'Config drive: base64 of gzip, or a URL.', required: false },
        },
      }),
      phases: ['deploy'],
      run: async (args, _node, run) => {
        const drive = args['configdrive'];
        const info = objectOf(args, 'image_info') as unknown as ImageInfo;
        return await writeImage(info, typeof drive === 'string' ? drive : null, run, options);
      },
    },
    {
      step: step('inject_files', 0, {
        argsinfo: {
          files: {
            description: 'Files: path, partition, content (base64 or URL), mode, owner, group.',
            required: false,
          },
        },
      }),
      phases: ['deploy'],
      run: async (args, node, run) => await injectFiles(args, node, run, options.trust),
    },
  ];
}
