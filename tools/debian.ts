import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface DebianPackage {
  name: string;
  why: string;
}

/**
 * Installs the Debian packages the tests use, when this is root on Debian; elsewhere says which are missing.
 * A test that lacks one skips and says so.
 */
export function installDebianPackages(): void {
  if (!existsSync('/usr/bin/dpkg-query')) return;
  const list = JSON.parse(readFileSync(join(import.meta.dirname, 'debian-packages.json'), 'utf8')) as DebianPackage[];
  const missing = list.filter(({ name }) => !isInstalled(name));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  if (process.getuid?.() !== 0) {
    console.log(
      `Tests that need these Debian packages will be skipped: ${names.join(' ')} (as root they are installed).`,
    );
    return;
  }
  console.log('Installing Debian packages for the tests:');
  for (const { name, why } of missing) console.log(`  ${name}: ${why}`);
  const quiet = withoutServices();
  try {
    apt('update');
    const done = apt('install', '--no-install-recommends', ...names);
    if (done.status !== 0) console.log(`apt-get install failed: ${done.stderr.trim().split('\n').slice(-3).join(' ')}`);
  } finally {
    quiet.end();
  }
}

function apt(...args: string[]) {
  return spawnSync('apt-get', ['-q', '-y', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: 900_000,
  });
}

const POLICY = '/usr/sbin/policy-rc.d';

/** The programs are wanted, not their services: Debian asks this file before it starts one. */
function withoutServices(): { end(): void } {
  if (existsSync(POLICY)) return { end: () => {} };
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  return { end: () => rmSync(POLICY, { force: true }) };
}

function isInstalled(name: string): boolean {
  const status = spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' });
  return status.stdout.includes('install ok installed');
}
