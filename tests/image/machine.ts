import { copyFile, mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, start } from '../../src/kernel/run.ts';

/** A running emulated machine, seen through its serial line and QEMU's monitor. */
export interface Machine {
  /** Everything the serial line said. */
  said(): string;
  /** Waits until it says that; throws with the end of what it said otherwise. */
  says(what: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  type(text: string): void;
  monitor(command: string): Promise<void>;
  /** Resolves when the machine is off. */
  off: Promise<number | null>;
  end(): Promise<void>;
}

/** Starts a machine from a disk; what it writes is thrown away. */
export async function startMachine(options: {
  disk: string;
  firmware: 'bios' | 'uefi';
  bus?: 'virtio' | 'nvme';
  memoryMiB?: number;
  configDrive?: string;
}): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-machine-'));
  const args = [
    ...['-nodefaults', '-display', 'none', '-no-reboot', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '1'],
    ...['-M', 'q35,graphics=off', '-m', String(options.memoryMiB ?? 512)],
    ...['-drive', `if=none,id=d0,format=raw,snapshot=on,file=${options.disk}`],
    ...[
      '-device',
      options.bus === 'nvme' ? 'nvme,drive=d0,serial=d0,bootindex=1' : 'virtio-blk-pci,drive=d0,bootindex=1',
    ],
    ...['-netdev', 'user,id=n0,restrict=on', '-device', 'virtio-net-pci,netdev=n0,romfile=,mac=52:54:00:00:00:01'],
    ...['-chardev', `socket,id=ser,path=${join(folder, 'ser')},server=on,wait=on`, '-serial', 'chardev:ser'],
    ...['-qmp', `unix:${join(folder, 'qmp')},server=on,wait=off`],
  ];
  if (options.configDrive !== undefined) {
    args.push(
      '-drive',
      `if=none,id=d1,format=raw,readonly=on,file=${options.configDrive}`,
      '-device',
      'virtio-blk-pci,drive=d1',
    );
  }
  if (options.firmware === 'uefi') {
    await copyFile('/usr/share/OVMF/OVMF_VARS_4M.fd', join(folder, 'vars'));
    args.push('-drive', 'if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd');
    args.push('-drive', `if=pflash,format=raw,file=${join(folder, 'vars')}`);
  }
  const child = start('qemu-system-x86_64', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complained = '';
  child.stderr?.on('data', (part: Buffer) => (complained += part.toString()));
  const off = new Promise<number | null>((resolve) => child.once('close', resolve));
  const serial = await dial(join(folder, 'ser'));
  let text = '';
  serial.on('data', (part: Buffer) => (text += part.toString('latin1')));
  serial.on('error', () => {});
  return {
    said: () => text,
    async says(what, timeoutMs) {
      const end = Date.now() + timeoutMs;
      for (;;) {
        const found = what.exec(text);
        if (found !== null) return found;
        if (Date.now() > end || child.exitCode !== null) {
          throw new Error(`the machine did not say ${what}: ${complained}${text.slice(-2000)}`);
        }
        await sleep(100);
      }
    },
    type: (line) => void serial.write(line),
    async monitor(command) {
      const qmp = await dial(join(folder, 'qmp'));
      qmp.write(`{"execute":"qmp_capabilities"}\n{"execute":"${command}"}\n`);
      await sleep(500);
      qmp.destroy();
    },
    off,
    async end() {
      if (child.exitCode === null) child.kill('SIGKILL');
      await off;
      serial.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function dial(path: string): Promise<Socket> {
  for (let tries = 0; ; tries++) {
    const socket = connect(path);
    const opened = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (opened) return socket;
    if (tries > 300) throw new Error(`${path} does not answer`);
    await sleep(100);
  }
}

/** An ISO labelled config-2 with OpenStack's files. */
export async function configDrive(file: string, files: Readonly<Record<string, unknown>>): Promise<void> {
  const tree = await mkdtemp(join(tmpdir(), 'ingot-drive-'));
  const latest = join(tree, 'openstack', 'latest');
  await mkdir(latest, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(latest, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-V', 'config-2', '-o', file, tree], { timeoutMs: 60_000 });
  await rm(tree, { recursive: true });
}
