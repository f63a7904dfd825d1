import { Command, Option } from 'commander';
import { systemClock } from '#kernel/clock';
import { defaultRamdiskDir } from '#platform/ramdisk';

interface BuildFlags {
  dir?: string;
  arch: string;
  package?: string[];
  agent?: string;
  node?: string;
  refresh?: boolean;
}

/** `ingot ramdisk`: the small system machines boot to be inspected, cleaned and deployed. */
export function command(): Command {
  const repeat = (value: string, before: string[] = []) => [...before, value];
  return new Command('ramdisk')
    .description('The deploy ramdisk: the small system machines boot to be inspected, cleaned, deployed and rescued.')
    .addCommand(
      new Command('build')
        .description(
          "Build it from Debian packages of this host's apt sources, or find it built. Needs no root; about a minute the first time.",
        )
        .addOption(new Option('--dir <folder>', 'where ramdisks are kept').default(undefined, 'the cache of this user'))
        .addOption(new Option('--arch <arch>', 'for machines of').choices(['x86_64', 'aarch64']).default(defaultArch()))
        .addOption(
          new Option(
            '--package <name>',
            'add a Debian package whole, such as firmware-bnx2x; may be repeated',
          ).argParser(repeat),
        )
        .addOption(new Option('--agent <file>', 'another agent than ours'))
        .addOption(new Option('--node <file>', 'another Node than the installed one'))
        .addOption(new Option('--refresh', 'take the newest packages even when nothing else changed'))
        .action(async (flags: BuildFlags) => {
          const { buildRamdisk } = await import('./ramdisk/build.ts');
          const stop = new AbortController();
          for (const signal of ['SIGINT', 'SIGTERM'] as const)
            process.once(signal, () => stop.abort(new Error('the build was stopped')));
          const started = systemClock.monotonic();
          const built = await buildRamdisk({
            dir: flags.dir ?? defaultRamdiskDir(process.env),
            arch: flags.arch,
            env: process.env,
            clock: systemClock,
            signal: stop.signal,
            say: (text) => void process.stderr.write(`${text} …\n`),
            ...(flags.package === undefined ? {} : { extra: flags.package }),
            ...(flags.agent === undefined ? {} : { agent: flags.agent }),
            ...(flags.node === undefined ? {} : { node: flags.node }),
            ...(flags.refresh === undefined ? {} : { refresh: flags.refresh }),
          });
          const { manifest } = built;
          const seconds = Math.round((systemClock.monotonic() - started) / 1000);
          const size = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
          process.stderr.write(
            `${built.cached ? 'It is built already' : `Built in ${seconds} s`}: Linux ${manifest.kernelVersion}, kernel ${size(manifest.kernel.size)}, initrd ${size(manifest.initrd.size)}\n`,
          );
          process.stdout.write(`${built.folder}\n`);
        }),
    );
}

function defaultArch(): string {
  return process.arch === 'arm64' ? 'aarch64' : 'x86_64';
}
