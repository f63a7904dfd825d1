import { createSocket } from 'node:dgram';
import { mkdir, mkdtemp, open, readdir, readFile, realpath, rm, rmdir, statfs, writeFile } from 'node:fs/promises';
import { isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { run } from '#kernel/run';
import type { Duplex } from 'node:stream';
import { filterThrough } from './filter.ts';
import { errors } from '../errors.ts';
import type { BlockDevice, Machine, Mounted, ToolOptions } from './contract.ts';
import { FileDevice } from './file-device.ts';

/** The machine that the ramdisk runs on. */
export function realMachine(clock: Clock): Machine {
  return new RealMachine(clock);
}

/** Ranges shorter than this are written: starting `blkdiscard` would take longer. */
const WORTH_A_CALL = 16 * 1024 * 1024;

class RealMachine implements Machine {
  readonly kind = 'real';
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async run(tool: string, args: readonly string[], options: ToolOptions = {}) {
    return await run(tool, args, { timeoutMs: 60_000, maxOutput: 8 * 1024 * 1024, ...options });
  }

  filter(tool: string, args: readonly string[]): Duplex {
    return filterThrough(tool, args);
  }

  async text(path: string): Promise<string | null> {
    return (await this.bytes(path))?.toString('utf8').trimEnd() ?? null;
  }

  async bytes(path: string, most = 16 * 1024 * 1024): Promise<Buffer | null> {
    try {
      return (await readFile(path)).subarray(0, most);
    } catch {
      return null; // absent, or a sysfs file that the driver refuses to fill
    }
  }

  async names(path: string): Promise<readonly string[]> {
    try {
      return (await readdir(path)).sort();
    } catch {
      return [];
    }
  }

  async resolve(path: string): Promise<string | null> {
    try {
      return await realpath(path);
    } catch {
      return null;
    }
  }

  async put(path: string, content: string | Buffer, mode?: number): Promise<void> {
    if (!path.startsWith('/sys/') && !path.startsWith('/proc/')) await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, mode === undefined ? {} : { mode });
  }

  async remove(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true });
  }

  async open(device: string, mode: 'read' | 'write'): Promise<BlockDevice> {
    const name = (await this.resolve(device))?.replace('/dev/', '') ?? '';
    const sectors = Number(await this.text(`/sys/class/block/${name}/size`));
    if (!Number.isFinite(sectors) || sectors <= 0) throw errors.DeviceUnusable(device, 'there is no such disk');
    const disk = (await this.text(`/sys/class/block/${name}/partition`)) === null ? name : undefined;
    const most = disk === undefined ? 0 : Number(await this.text(`/sys/block/${disk}/queue/write_zeroes_max_bytes`));
    return await FileDevice.open(device, device, mode, sectors * 512, async (offset, length) => {
      if (!(most > 0) || length < WORTH_A_CALL || offset % 4096 !== 0 || length % 4096 !== 0) return false;
      try {
        await this.run('blkdiscard', ['-z', '-o', String(offset), '-l', String(length), device], {
          timeoutMs: 30 * 60_000,
        });
        return true;
      } catch {
        return false;
      }
    });
  }

  async appears(device: string): Promise<boolean> {
    for (let i = 0; i < 100; i++) {
      if ((await this.resolve(device)) !== null) return true;
      await this.#clock.sleep(50);
    }
    return false;
  }

  async mount(device: string, options: { readOnly: boolean; fs?: string }): Promise<Mounted> {
    const path = await mkdtemp('/run/ingot-mnt-');
    const flags = ['nosuid', 'nodev', 'noexec', options.readOnly ? 'ro' : 'rw'];
    const kind = options.fs === undefined ? [] : ['-t', options.fs];
    try {
      await this.run('mount', [...kind, '-o', flags.join(','), device, path]);
    } catch (error) {
      await rmdir(path);
      throw error;
    }
    return {
      path,
      unmount: async () => {
        await this.run('umount', [path]);
        await rmdir(path);
      },
    };
  }

  async scratch(): Promise<{ path: string; free: number }> {
    const path = '/run/ingot-scratch';
    await mkdir(path, { recursive: true });
    const memory = /MemAvailable:\s+(\d+)/.exec((await this.text('/proc/meminfo')) ?? '')?.[1];
    const disk = await statfs(path);
    const free = disk.bavail * disk.bsize;
    // A file in memory: leave the agent and qemu-img room to work in.
    return { path, free: Math.max(0, Math.min(free, Number(memory ?? 0) * 1024 - 192 * 1024 * 1024)) };
  }

  async addresses() {
    const found: Record<string, { address: string; family: 4 | 6 }[]> = {};
    for (const [nic, list] of Object.entries(networkInterfaces())) {
      found[nic] = (list ?? []).map(({ address, family }) => ({ address, family: family === 'IPv4' ? 4 : 6 }));
    }
    return found;
  }

  async addressTowards(host: string, port: number): Promise<string> {
    return await localAddress(host, port);
  }

  async halt(how: 'off' | 'reboot' | 'kexec'): Promise<void> {
    if (how === 'kexec') await this.run('kexec', ['-e']);
    // The ramdisk has no init system to ask; the kernel does it itself, after what is dirty was written.
    const trigger = await open('/proc/sysrq-trigger', 'w');
    try {
      await trigger.write('s');
      await this.#clock.sleep(300);
      await trigger.write(how === 'off' ? 'o' : 'b');
    } finally {
      await trigger.close();
    }
  }
}

/** The source address the kernel would take towards `host`: a UDP socket says it without sending anything. */
export async function localAddress(host: string, port: number): Promise<string> {
  const bare = host.replace(/^\[|\]$/g, '');
  const socket = createSocket(isIPv6(bare) ? 'udp6' : 'udp4');
  try {
    return await new Promise<string>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(port, bare, () => resolve(socket.address().address));
    });
  } catch (error) {
    throw errors.RequestFailed(`Finding a way to ${host}`, messageOf(error), { cause: error });
  } finally {
    if (isIP(bare) !== 0 || bare !== '') socket.close();
  }
}
