import { access, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '#kernel/run';
import type { CpioEntry } from '#protocols/cpio/newc';
import { ramdiskFolder } from './contents.ts';
import { errors } from './errors.ts';

/** Programs of ours in the ramdisk: name there → entry in the repository. */
const OWN = { agent: 'src/agent/main.ts', 'static-network': 'src/agent/static-network/main.ts' } as const;

/**
 * What changes with each version of Ingot: the first program, the agent, a few files. Entries of the second part of
 * the initrd. `agent` names another entry or bundle than ours. Throws RamdiskAgent.
 */
export async function agentEntries(agent: string | null, signal: AbortSignal): Promise<CpioEntry[]> {
  const folder = ramdiskFolder();
  const file = (path: string, data: Buffer | string, mode = 0o644): CpioEntry => ({
    path,
    kind: 'file',
    mode,
    data: Buffer.from(data),
  });
  const dirs = [
    'etc',
    'etc/lvm',
    'etc/dropbear',
    'usr',
    'usr/lib',
    'usr/lib/ingot',
    'root',
    'root/.ssh',
    'var',
    'var/lib',
    'var/lib/ingot',
  ];
  return [
    ...dirs.map((path): CpioEntry => ({ path, kind: 'dir', ...(path.startsWith('root') ? { mode: 0o700 } : {}) })),
    file('init', await readFile(join(folder, 'init')), 0o755),
    file('usr/lib/ingot/dhcp', await readFile(join(folder, 'dhcp')), 0o755),
    file('usr/lib/ingot/logins', await readFile(join(folder, 'logins')), 0o755),
    file('usr/lib/ingot/agent.mjs', await bundled('agent', agent, signal)),
    file('usr/lib/ingot/static-network.mjs', await bundled('static-network', null, signal)),
    file('etc/passwd', 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n'),
    file('etc/group', 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n'),
    // No password opens the root account until the agent sets one for a rescue.
    file('etc/shadow', 'root:*:19700:0:99999:7:::\n', 0o600),
    file('etc/shells', '/bin/bash\n/bin/sh\n'),
    file('etc/hosts', '127.0.0.1 localhost\n::1 localhost\n'),
    file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n'),
    file('etc/resolv.conf', ''),
    // There is no udev here: the kernel makes the nodes of disks, LVM those of its volumes.
    file(
      'etc/lvm/lvm.conf',
      'activation {\n  udev_sync = 0\n  udev_rules = 0\n}\ndevices {\n  obtain_device_list_from_udev = 0\n  external_device_info_source = "none"\n}\n',
    ),
    file('etc/os-release', 'ID=ingot-ramdisk\nNAME="Ingot deploy ramdisk"\nPRETTY_NAME="Ingot deploy ramdisk"\n'),
  ];
}

/** One JavaScript file with everything in it: made by the packing of the published package, or by esbuild now. */
async function bundled(name: keyof typeof OWN, other: string | null, signal: AbortSignal): Promise<string> {
  const root = dirname(ramdiskFolder());
  const published = join(root, 'dist', `${name}.mjs`);
  const entry = other ?? join(root, OWN[name]);
  if (entry.endsWith('.mjs')) return readFile(entry, 'utf8');
  if (other === null && (await there(published)) && !(await there(entry))) return readFile(published, 'utf8');
  if (!(await there(entry))) throw errors.RamdiskAgent(entry);
  const { stdout } = await run(
    // The program itself: `esbuild/bin/esbuild` is a script or this, as npm ran scripts of packages or not.
    join(root, `node_modules/@esbuild/${process.platform}-${process.arch}/bin/esbuild`),
    [
      entry,
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--target=node24',
      '--legal-comments=none',
      '--log-level=warning',
    ],
    { timeoutMs: 60_000, maxOutput: 32 * 1024 * 1024, cwd: root, signal },
  );
  return stdout;
}

function there(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
