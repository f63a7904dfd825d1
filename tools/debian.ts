import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../src/kernel/errors.ts';
import { installPackages, isDebian, missingPackages } from '../src/operate/debian.ts';
import { RACK_PACKAGES } from '../src/operate/rack/host.ts';

interface DebianPackage {
  name: string;
  why: string;
}

/**
 * The Debian packages the tests use, those of an emulated rack among them: else what a test finds would depend on which
 * one brought up a rack before.
 */
function wanted(): DebianPackage[] {
  const file = readFileSync(join(import.meta.dirname, 'debian-packages.json'), 'utf8');
  return [
    ...(JSON.parse(file) as DebianPackage[]),
    ...RACK_PACKAGES.map((name) => ({ name, why: 'an emulated rack needs it' })),
  ];
}

/**
 * Names of the packages that are to be installed: none where this is no Debian, or not root, which then says what is
 * missing. A test that lacks one skips and says so.
 */
export async function missingDebianPackages(): Promise<string[]> {
  if (!isDebian()) return [];
  const missing = await missingPackages(wanted().map(({ name }) => name));
  if (missing.length === 0 || process.getuid?.() === 0) return missing;
  console.log(
    `Tests that need these Debian packages will be skipped: ${missing.join(' ')} (as root they are installed).`,
  );
  return [];
}

/** Installs packages that are missing. When that fails it says so, and tests skip. */
export async function installDebianPackages(missing: readonly string[]): Promise<void> {
  if (missing.length === 0) return;
  console.log('Installing Debian packages for the tests:');
  for (const { name, why } of wanted()) if (missing.includes(name)) console.log(`  ${name}: ${why}`);
  await installPackages(missing).catch((error: unknown) => console.log(`apt-get failed: ${messageOf(error)}`));
}
