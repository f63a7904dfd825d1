import type { AgentSelf } from '../agent.ts';
import type { AgentNodeView, LookupConfig } from '#agent-api/wire';
import { installBootloader } from '../boot/install-bootloader.ts';
import { async_, type Extension, type Params, sync } from '../commands/command.ts';
import { isObject, isYes, objectOf, textOf } from '../commands/parameters.ts';
import { targetDisk } from '../images/write-image.ts';
import { readInventory } from '../inventory/inventory.ts';
import { collectLogs } from '../logs.ts';
import { errors } from '../errors.ts';
import { messageOf } from '#kernel/errors';
import { setRescuePassword } from '../rescue.ts';

/** `image`: what starts the written system. */
export const image: Extension = {
  install_bootloader: async_(async (params, run) => {
    const text = (name: string) => (typeof params[name] === 'string' ? (params[name] as string) : null);
    const mode = text('target_boot_mode');
    const disk = await targetDisk(run, undefined, null);
    try {
      await installBootloader(
        {
          rootUuid: text('root_uuid'),
          espUuid: text('efi_system_part_uuid'),
          mode: mode === 'uefi' || mode === 'bios' ? mode : null,
        },
        disk,
        run,
      );
    } catch (error) {
      if (!isYes(params['ignore_bootloader_failure'])) throw error;
      run.log.warn('the boot loader failed, which was to be ignored', { error: messageOf(error) });
    }
    return null;
  }),
};

/** `log`: what the ramdisk knows of itself. */
export const log: Extension = {
  collect_system_logs: sync(async (_params, run) => ({
    system_logs: (await collectLogs(run.machine, run.log, run.clock)).toString('base64'),
  })),
};

/** `rescue`: a way in for the owner of a machine that does not start. */
export const rescue: Extension = {
  finalize_rescue: sync(async (params, run) => {
    const password = params['rescue_password'];
    const key = params['ssh_key'];
    await setRescuePassword(run, {
      password: typeof password === 'string' && password !== '' ? password : null,
      hashed: isYes(params['hashed']),
      keys: typeof key === 'string' ? [key] : Array.isArray(key) ? key.map(String) : [],
    });
    return null;
  }),
};

/** `poll`: for conductors that cannot be called home to. */
export const poll = (self: AgentSelf): Extension => ({
  get_hardware_info: sync(async (_params, run) => await readInventory(run.machine, run.parameters)),
  set_node_info: sync(async (params) => {
    const info = isObject(params['node_info']) ? params['node_info'] : params;
    const node = objectOf(info, 'node');
    if (typeof node['uuid'] !== 'string') throw errors.BadParameters("'node' must have a uuid");
    const config = isObject(info['config']) ? (info['config'] as unknown as LookupConfig) : undefined;
    self.setNode(node as unknown as AgentNodeView, config);
    return null;
  }),
});

/** `system` and `flow`. */
export const system = (self: AgentSelf): Extension => ({
  lockdown: sync(async () => {
    await self.lockdown();
    return null;
  }),
});

export const flow = (self: AgentSelf): Extension => ({
  start_flow: async_(async (params) => {
    const steps: unknown = params['flow'];
    if (!Array.isArray(steps)) throw errors.BadParameters("'flow' must be a list of commands");
    for (const step of steps.filter(isObject)) {
      for (const [name, args] of Object.entries(step))
        await self.executeInside(name, isObject(args) ? (args as Params) : {});
    }
    return null;
  }),
});

/** `ingot`: small things that only a conductor of ours asks for. */
export const ingot = (self: AgentSelf, version: string): Extension => ({
  get_capabilities: sync(async () => ({
    agent: 'ingot',
    version,
    features: ['progress', 'manifest', 'peers', 'capture', 'kexec', 'erase-evidence', 'rotate-token'],
  })),
  rotate_token: sync(async (params) => {
    const token = textOf(params, 'agent_token');
    if (token.length < 32) throw errors.BadParameters("'agent_token' is too short to be a secret");
    self.setToken(token);
    return null;
  }),
});
