import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { BuildOptions, BuiltImage } from '#builder/build';
import type { SigningKey } from '#builder/signing-key';

/** `ingot image …`: images of operating systems. */
export function command(): Command {
  const image = new Command('image').description('Make images of operating systems to deploy.');
  image
    .command('build')
    .description(
      'Build an image from Debian packages, without root: `tiny` starts in seconds and is made for tests and demonstrations, ' +
        '`debian` is Debian with cloud-init, `debian-lean` the same without it, which starts in half the time.',
    )
    .argument('<kind>', 'tiny, debian or debian-lean', oneOf(['tiny', 'debian', 'debian-lean']))
    .option('-o, --output <file>', 'where it goes (default: <kind>.qcow2 or <kind>.raw here)')
    .addOption(new Option('--format <format>', 'of the file').choices(['raw', 'qcow2']).default('qcow2'))
    .option('--password-file <file>', "root's password is the first line of this file")
    .option('--include <packages>', 'further Debian packages, with commas between them')
    .addOption(
      new Option('--kernel <kind>', 'Debian kernel: generic for real machines, cloud for virtual ones')
        .choices(['generic', 'cloud'])
        .default('generic'),
    )
    .option(
      '--sign [folder]',
      'sign tiny for Secure Boot with the key of this folder, which is made where there is none; enrol its db.crt in machines (default: secure-boot in the data directory)',
    )
    .option('--cache <folder>', 'where packages and images are kept between builds')
    .option('--fresh', 'build it again although the same packages made it before')
    .option('--json', 'print what was made as JSON')
    .action(async (kind: BuildOptions['kind'], options: Record<string, unknown>) => {
      const made = await build(kind, options);
      process.stdout.write(options['json'] === true ? `${JSON.stringify(made, null, 2)}\n` : told(made));
    });
  return image;
}

function oneOf(kinds: readonly string[]) {
  return (text: string) => {
    if (!kinds.includes(text)) throw new InvalidArgumentError(`It is one of ${kinds.join(', ')}.`);
    return text;
  };
}

async function build(kind: BuildOptions['kind'], options: Record<string, unknown>): Promise<BuiltImage> {
  const [{ buildImage }, { defaultCacheDir }] = await Promise.all([import('#builder/build'), import('#builder/cache')]);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error('stopped')));
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined);
  const format = text('format') === 'raw' ? 'raw' : 'qcow2';
  const passwordFile = text('passwordFile');
  const sign = options['sign'];
  const key = sign === undefined ? undefined : await keyOf(text('sign'));
  const lively = process.stderr.isTTY;
  const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? Number.NaN);
  const made = await buildImage({
    kind,
    format,
    output: text('output') ?? `${kind}.${format}`,
    cache: text('cache') ?? defaultCacheDir(process.env),
    kernel: text('kernel') === 'cloud' ? 'cloud' : 'generic',
    include: (text('include') ?? '').split(',').filter((name) => name !== ''),
    fresh: options['fresh'] === true,
    ...(Number.isSafeInteger(epoch) ? { epochS: epoch } : {}),
    ...(key === undefined ? {} : { signBy: key }),
    ...(passwordFile === undefined ? {} : { password: await firstLine(passwordFile) }),
    say: (said) => void process.stderr.write(lively ? `\r\u001b[K${said} …` : `${said}\n`),
    signal: stop.signal,
  });
  if (lively) process.stderr.write('\r\u001b[K');
  if (key !== undefined) process.stderr.write(`It is signed: machines need ${key.certFile} in their db.\n`);
  return made;
}

/** The signing key of a folder, or of the data directory. */
async function keyOf(folder: string | undefined): Promise<SigningKey> {
  const [{ signingKey }, { systemClock }, { systemRandom }, { loadConfig }] = await Promise.all([
    import('#builder/signing-key'),
    import('#kernel/clock'),
    import('#kernel/random'),
    import('#platform/config'),
  ]);
  const place = folder ?? join(loadConfig({ flags: {} }).config.general.data_dir, 'secure-boot');
  return signingKey(place, { clock: systemClock, random: systemRandom });
}

async function firstLine(file: string): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  const line = (await readFile(file, 'utf8')).split('\n', 1)[0] ?? '';
  if (line === '') throw new InvalidArgumentError(`The first line of ${file} is empty.`);
  return line;
}

function told(made: BuiltImage): string {
  const mib = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
  const how = made.fromCache ? 'taken from the cache' : `built in ${made.seconds.toFixed(0)} s`;
  return `${made.file}: ${mib(made.bytes)} (disk ${mib(made.virtualBytes)}), ${how}\nsha256:${made.sha256}\n`;
}
