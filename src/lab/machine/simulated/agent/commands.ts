import type { AgentFault } from './options.ts';
import type { SeenDisk } from './inventory.ts';

/** A command as the agent keeps it and tells of it. */
export interface Command {
  id: string;
  command_name: string;
  command_status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CLEAN_VERSION_MISMATCH';
  command_error: { type: string; code: number; message: string; details: string } | null;
  command_result: Record<string, unknown> | null;
}

/** What a command does, seen from outside. */
export interface Work {
  /** It answers at once and calls when it is over. */
  long: boolean;
  ms: number;
  result: Record<string, unknown>;
  /** A system that is on the disk afterwards; null wipes it. */
  installs?: { disk: string; system: string | null }[];
  bytes?: number;
  /** It writes a UEFI boot entry. */
  variables?: true;
  /** The token it believes in from the next command on. */
  token?: string;
  /** The written system starts, without the firmware. */
  starts?: true;
  /** What the ledger of acts calls it. */
  named?: string;
}

export interface CommandWorld {
  disks: readonly SeenDisk[];
  plain: boolean;
  writeMs: number;
  eraseMs: number;
  commandMs: number;
  steps(flow: string): Record<string, unknown>[];
  now(): string;
  fault: AgentFault | undefined;
}

type Params = Record<string, unknown>;

const step = (name: string, priority: number, more: Params = {}): Params => ({
  step: name,
  interface: 'deploy',
  priority,
  reboot_requested: false,
  abortable: true,
  ...more,
});

const OWN: Record<string, readonly Params[]> = {
  clean: [
    step('erase_devices_metadata', 99),
    step('erase_devices', 10),
    step('erase_devices_express', 0),
    step('erase_pstore', 0),
    step('create_configuration', 0, { interface: 'raid', abortable: false }),
    step('delete_configuration', 0, { interface: 'raid', abortable: false }),
  ],
  deploy: [step('write_image', 0, { abortable: false }), step('inject_files', 0, { abortable: false })],
  service: [step('burnin_cpu', 0)],
};

/** What the agent would do for a command; undefined when it does not know it. */
export function workOf(name: string, params: Params, world: CommandWorld): Work | undefined {
  const quick = (result: Params = {}): Work => ({ long: false, ms: 0, result });
  const flow = /^(clean|deploy|service)\.(get|execute)_\1_steps?$/.exec(name);
  if (flow !== null) {
    const [, phase = '', verb] = flow;
    return verb === 'get' ? quick(offer(phase, world)) : stepWork(phase, params, world);
  }
  switch (name) {
    case 'standby.prepare_image':
      return writing(params, world);
    case 'image.install_bootloader':
      return { long: true, ms: world.commandMs, result: { result: 'install_bootloader: done' }, variables: true };
    case 'standby.sync':
      return quick({ result: 'sync: filesystem caches flushed' });
    case 'standby.get_partition_uuids':
      return quick({ 'root uuid': 'aaaa-0001', 'efi system partition uuid': 'BBBB-0002' });
    case 'rescue.finalize_rescue':
      return quick({ result: 'finalize_rescue: done' });
    case 'log.collect_system_logs':
      return quick({ system_logs: '' });
    case 'standby.power_off':
    case 'standby.run_image':
      return { long: true, ms: world.commandMs, result: {} };
    default:
      return world.plain ? undefined : ingotWork(name, params, world);
  }
}

/** Ingot's additions. */
function ingotWork(name: string, params: Params, world: CommandWorld): Work | undefined {
  const quick = (result: Params, more: Partial<Work> = {}): Work => ({ long: false, ms: 0, result, ...more });
  switch (name) {
    case 'ingot.get_capabilities':
      return quick({ agent: 'ingot', version: '1', features: ['progress', 'capture', 'kexec', 'rotate-token'] });
    case 'ingot.rotate_token':
      return quick({}, { token: String(params['agent_token']) });
    case 'ingot.kexec_load':
      return {
        long: true,
        ms: world.commandMs,
        result: { source: 'grub', title: 'Linux', kernel: '/boot/vmlinuz', initrd: null, cmdline: 'ro' },
      };
    case 'ingot.kexec_arm':
      return quick({ armed: true, watching: [] }, { starts: true });
    case 'ingot.capture':
      return {
        long: true,
        ms: world.writeMs,
        result: { device: '/dev/sda', virtual_bytes: 4096, blocks: 4, zero_blocks: 1, sent_blocks: 3, sent_bytes: 99 },
      };
    default:
      return undefined;
  }
}

function offer(phase: string, world: CommandWorld): Params {
  const manager = world.plain ? 'GenericHardwareManager' : 'ingot';
  const own = world.fault === 'empty' ? [] : (OWN[phase] ?? []);
  return {
    [`${phase}_steps`]: { [manager]: [...own, ...world.steps(phase)] },
    hardware_manager_version: { [manager]: '1.2' },
  };
}

function writing(params: Params, world: CommandWorld): Work {
  const info = (params['image_info'] ?? {}) as Params;
  const root = [...world.disks].sort((a, b) => a.size - b.size || (a.name < b.name ? -1 : 1))[0];
  const device = root?.name ?? '/dev/null';
  const bytes = Number(info['virtual_bytes'] ?? 0);
  const whole = info['image_type'] !== 'partition';
  return {
    long: true,
    ms: world.writeMs,
    bytes,
    installs: root === undefined ? [] : [{ disk: root.id, system: String(info['id']) }],
    result: {
      result: `prepare_image: image (${String(info['id'])}) written to device ${device} root_uuid=${whole ? '' : 'aaaa-0001'}`,
    },
  };
}

function stepWork(phase: string, params: Params, world: CommandWorld): Work {
  const asked = (params['step'] ?? {}) as Params;
  const name = String(asked['step']);
  const erase = phase === 'clean' && name.startsWith('erase_devices');
  const result = erase ? eraseResult(name, world) : raidResult(name, params);
  return {
    long: true,
    named: `${phase}.${name}`,
    ms: erase ? world.eraseMs * Math.max(1, world.disks.length) : world.commandMs,
    ...(erase ? { installs: world.disks.map((disk) => ({ disk: disk.id, system: null })) } : {}),
    result: { [`${phase}_result`]: result, [`${phase}_step`]: asked },
  };
}

function raidResult(name: string, params: Params): unknown {
  if (name !== 'create_configuration') return null;
  const node = (params['node'] ?? {}) as Params;
  return (node['target_raid_config'] ?? {}) as Params;
}

/** ironic-python-agent tells device names; Ingot's agent what it did to each and what it read back. */
function eraseResult(name: string, world: CommandWorld): unknown {
  if (world.plain) {
    return name === 'erase_devices' ? Object.fromEntries(world.disks.map((disk) => [disk.name, null])) : null;
  }
  const at = world.now();
  return {
    devices: world.disks.map((disk) => ({
      device: disk.name,
      serial: disk.serial,
      wwn: null,
      model: disk.model,
      size: disk.size,
      method: name === 'erase_devices_metadata' ? 'metadata' : 'overwrite',
      passed_over: [{ method: 'nvme-sanitize-crypto', why: 'simulated drive' }],
      bytes: disk.size,
      started_at: at,
      finished_at: at,
      samples: [],
      digest: '0'.repeat(64),
      verified: world.fault !== 'unverified',
    })),
    skipped: [],
  };
}
