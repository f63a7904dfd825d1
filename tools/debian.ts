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
 * Installs the Debian packages the tests use, when this is root on Debian; elsewhere says which are missing. Those of
 * an emulated rack are among them: else what a test finds would depend on which one brought up a rack before.
 * A test that lacks one skips and says so.
 */
export async function installDebianPackages(): Promise<void> {
  if (!isDebian()) return;
  const file = readFileSync(join(import.meta.dirname, 'debian-packages.json'), 'utf8');
  const list = [
    ...(JSON.parse(file) as DebianPackage[]),
    ...RACK_PACKAGES.map((name) => ({ name, why: 'an emulated rack needs it' })),
  ];
  const missing = await missingPackages(list.map(({ name }) => name));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    console.log(
      `Tests that need these Debian packages will be skipped: ${missing.join(' ')} (as root they are installed).`,
    );
    return;
  }
  console.log('Installing Debian packages for the tests:');
  for (const { name, why } of list) if (missing.includes(name)) console.log(`  ${name}: ${why}`);
  await installPackages(missing).catch((error: unknown) => console.log(`apt-get failed: ${messageOf(error)}`));
}
