import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { run } from '#kernel/run';

/** Is this a Debian, or one of its children? */
export function isDebian(): boolean {
  return existsSync('/usr/bin/dpkg-query') && existsSync('/usr/bin/apt-get');
}

/** Those of the Debian packages that are not installed. */
export async function missingPackages(names: readonly string[]): Promise<string[]> {
  const { stdout } = await run('dpkg-query', ['-W', '-f', '${Package} ${Status}\\n', ...names], {
    timeoutMs: 30_000,
    okCodes: [0, 1],
  });
  const there = new Set(
    stdout
      .split('\n')
      .filter((line) => line.endsWith(' install ok installed'))
      .map((line) => line.split(' ')[0]),
  );
  return names.filter((name) => !there.has(name));
}

/** Installs Debian packages, as root, without starting a service of theirs. Throws ChildFailed with apt's words. */
export async function installPackages(names: readonly string[]): Promise<void> {
  const quiet = withoutServices();
  try {
    await apt('update');
    await apt('install', '--no-install-recommends', ...names);
  } finally {
    quiet.end();
  }
}

const APT = ['-q', '-y', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=300'];

async function apt(...args: string[]): Promise<void> {
  await run('apt-get', [...APT, ...args], {
    timeoutMs: 900_000,
    maxOutput: 16 * 1024 * 1024,
    env: { ...(process.env as Record<string, string>), DEBIAN_FRONTEND: 'noninteractive' },
  });
}

const POLICY = '/usr/sbin/policy-rc.d';

/** The programs are wanted, not their services: Debian asks this file before it starts one. */
function withoutServices(): { end(): void } {
  if (existsSync(POLICY)) return { end: () => {} };
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  return { end: () => rmSync(POLICY, { force: true }) };
}
