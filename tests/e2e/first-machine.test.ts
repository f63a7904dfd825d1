import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultCacheDir } from '../../src/builder/cache.ts';
import { run } from '../../src/kernel/run.ts';
import { BMC_LOGIN } from '../../src/operate/rack/layout.ts';
import { canary, holds } from './canaries.ts';
import { consoleSays, logIn } from './person.ts';
import { type Site, startSite, VERB_MS } from './site.ts';

// What docs/operators/first-machine.md tells an operator to type, typed: Debian on a machine, from its BMC's password on.

const entry = join(import.meta.dirname, '..', '..', 'bin', 'ingot.mjs');
const PASSWORD = 'open-sesame';
let site: Site;
let home: string;

beforeAll(async () => {
  site = await startSite({
    machines: [
      {
        name: 'm1',
        mode: 'uefi',
        memoryMiB: 1536,
        disks: [{ bus: 'nvme', sizeBytes: 4 * 1024 ** 3 }],
      },
    ],
  });
  home = join(site.dataDir, 'home');
  for (const folder of ['.ssh', 'bin']) await mkdir(join(home, folder), { recursive: true });
  await writeFile(join(home, 'bin/ingot'), `#!/bin/sh\nexec ${process.execPath} ${entry} "$@"\n`, { mode: 0o755 });
  await writeFile(join(home, 'secret'), BMC_LOGIN.password);
  const users = [{ name: 'root', password: PASSWORD, type: 'text' }];
  await writeFile(
    join(home, 'user-data'),
    `#cloud-config\n${JSON.stringify({ chpasswd: { expire: false, users } })}\n`,
  );
  await writeFile(join(home, '.ssh/id_ed25519.pub'), 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINGOT operator@desk\n');
}, 900_000);
afterAll(async () => {
  await site?.close();
}, 120_000);

/** Types `ingot …` in the operator's shell; gives what it printed. Throws what it said when it failed. */
const ingot = (...args: string[]) => typed('ingot', args);
/** Pastes lines into it. */
const sh = (lines: string) => typed('sh', ['-ec', lines]);

async function typed(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(program === 'ingot' ? join(home, 'bin/ingot') : program, args, {
    cwd: home,
    timeoutMs: VERB_MS,
    env: {
      PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: home,
      BMC_PASSWORD: BMC_LOGIN.password,
      OS_CLIENT_CONFIG_FILE: join(site.dataDir, 'data', 'clouds.yaml'),
      OS_CLOUD: 'ingot',
    },
  });
  return stdout;
}

test('the first machine, as the document says', { timeout: 7_200_000, retry: 0 }, async () => {
  const probed = await ingot('bmc', 'probe', '127.0.77.1', '--user', BMC_LOGIN.name, '--password-file', 'secret');
  expect(probed).toContain('ingot baremetal node create');
  process.stdout.write(probed);
  // As it stands there, with another name.
  const name = /--name (\S+)/.exec(probed)?.[1] ?? '';
  await sh(probed.slice(probed.indexOf('ingot baremetal node create')).replaceAll(name, 'web1'));
  await ingot('baremetal', 'node', 'manage', 'web1', '--wait');
  await ingot('baremetal', 'node', 'inspect', 'web1', '--wait');
  await ingot('baremetal', 'node', 'provide', 'web1', '--wait');
  expect(await ingot('node', 'proof', 'web1')).toContain('/dev/nvme0n1');
  expect(await ingot('node', 'explain', 'web1')).toContain('its agent called');
  expect(await ingot('console', 'web1', '--log')).toContain('agent');

  const image = join(site.images, 'debian.qcow2');
  await ingot('image', 'build', 'debian', '-o', image, '--cache', defaultCacheDir(process.env));
  const url = `file://${image}`;
  expect(await ingot('deploy', '--dry-run', 'web1', '--image', url)).toContain('web1 can be deployed');
  const since = new Date().toISOString();
  const key = join(home, '.ssh/id_ed25519.pub');
  const how = await ingot(
    ...['deploy', 'web1', '--image', url, '--key', key, '--name', 'web', '--user-data', 'user-data'],
  );
  process.stdout.write(how);
  expect(how).toContain('ingot console web1');
  await consoleSays(site, 'web1', /INGOT-READY hostname=web firmware=uefi/, since);
  const tenant = await logIn(site, 'web1', 'root', PASSWORD);
  expect(await tenant.run('cat /etc/os-release; cat /home/debian/.ssh/authorized_keys')).toMatch(
    /bookworm[\s\S]*operator@desk/,
  );
  const secret = canary(crypto.randomUUID());
  const [disk = ''] = await site.disks('m1');
  expect(await tenant.run(`echo ${secret} > /root/secret; sync; echo written-$((4 + 5))`)).toContain('written-9');
  tenant.leave();
  // The search bites.
  expect(await holds(disk, secret)).toBe(true);
  const timeline = await ingot('node', 'timeline', 'web1');
  process.stdout.write(timeline);
  expect(timeline).toContain('write the image');
  await ingot('baremetal', 'node', 'undeploy', 'web1', '--wait');
  expect((await site.read('web1')).provision_state).toBe('available');
  expect(await holds(disk, secret)).toBe(false);
  // What the document promises is in the document.
  const page = await readFile(join(import.meta.dirname, '../../docs/operators/first-machine.md'), 'utf8');
  for (const words of ['ingot bmc probe', 'ingot baremetal node manage web1 --wait', 'ingot image build debian'])
    expect(page).toContain(words);
});
