import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpioBuffer } from '#protocols/cpio/newc';
import { builtRamdisk, type RamdiskManifest } from '#platform/ramdisk';
import type { BootConfig, RemoteFile } from '../config.ts';
import { errors } from '../errors.ts';
import { type KernelWord, kernelWords, parameterWords } from '../model/kernel-arguments.ts';
import type { Offer } from '../model/offer.ts';

/** A file of this host that machines may fetch. */
export interface HostFile {
  path: string;
  size: number;
}

/** What a Linux is booted from. */
export interface BootFiles {
  kernel: HostFile;
  initrd: HostFile;
  loaders: string | null;
  /** Changes when kernel or initrd do: name of the medium made of them. */
  content: string;
}

/** What a node's offer comes to: files, and words for the kernel. */
export type PreparedBoot =
  | { kind: 'disk' }
  | { kind: 'iso'; iso: HostFile }
  | (BootFiles & {
      kind: 'linux';
      /** A small archive with what is this node's alone; null for kernels that are not ramdisks of ours. */
      nodeImage: Buffer | null;
      networkData: Readonly<Record<string, unknown>> | null;
      /** Answers of an installer. */
      kickstart: string | null;
      words: readonly KernelWord[];
    });

type Wish = Pick<Offer, 'nodeUuid' | 'request'>;

/**
 * Finds the files of an offer and checks its words. Throws BootNoRamdisk, BootFile, BootParameter: so it is called
 * when the boot is offered, too, where somebody still reads the reason.
 */
export async function prepareBoot(offer: Wish, config: BootConfig, remote: RemoteFile): Promise<PreparedBoot> {
  const hostFile = (source: string, what: string) => fileOf(source, what, config, remote);
  const { payload, node, networkData } = offer.request;
  if (payload.kind === 'disk') return { kind: 'disk' };
  if (payload.kind === 'iso') return { kind: 'iso', iso: await hostFile(payload.url, 'ISO') };
  const built = await builtRamdisk(config.ramdiskDir, node.cpuArch, config.ramdiskName);
  const loaders = built === null ? null : join(built.folder, 'loaders');
  const named = async (kernelSource: string, initrdSource: string): Promise<BootFiles> => {
    const kernel = await hostFile(kernelSource, 'kernel');
    const initrd = await hostFile(initrdSource, 'initrd');
    return { kernel, initrd, loaders, content: `${kernel.path}:${kernel.size}:${initrd.path}:${initrd.size}` };
  };
  if (payload.kind === 'linux') {
    const { kickstart = null } = payload;
    return {
      kind: 'linux',
      ...(await named(payload.kernel, payload.initrd)),
      nodeImage: networkData === undefined ? null : imageOf(offer, {}),
      networkData: networkData ?? null,
      kickstart,
      words: kernelWords(payload.parameters),
    };
  }
  const words = kernelWords([...config.kernelParameters, ...parameterWords(payload.parameters)]);
  const own = payload.kernel === undefined && payload.initrd === undefined;
  if (own && built === null) throw errors.BootNoRamdisk(node.cpuArch, config.ramdiskDir);
  const files = own && built !== null ? ownRamdisk(built) : await named(payload.kernel ?? '', payload.initrd ?? '');
  return {
    kind: 'linux',
    ...files,
    nodeImage: imageOf(offer, payload.parameters),
    networkData: networkData ?? null,
    kickstart: null,
    words,
  };
}

/** What is booted from of a ramdisk that `ingot ramdisk build` made. */
export function ownRamdisk({ folder, manifest }: { folder: string; manifest: RamdiskManifest }): BootFiles {
  const file = (name: 'kernel' | 'initrd') => ({ path: join(folder, name), size: manifest[name].size });
  const [kernel, initrd] = [file('kernel'), file('initrd')];
  return { kernel, initrd, loaders: join(folder, 'loaders'), content: `ramdisk:${manifest.key}` };
}

/** What the ramdisk finds at /etc/ingot: the parameters as they were given, and how its network is set up. */
function imageOf(offer: Wish, parameters: Readonly<Record<string, string>>): Buffer {
  const { networkData } = offer.request;
  const file = (path: string, value: unknown) => ({
    path,
    kind: 'file' as const,
    mode: 0o600,
    data: Buffer.from(JSON.stringify(value)),
  });
  return cpioBuffer([
    { path: 'etc', kind: 'dir' },
    { path: 'etc/ingot', kind: 'dir', mode: 0o700 },
    file('etc/ingot/boot.json', { node_uuid: offer.nodeUuid, parameters }),
    ...(networkData === undefined ? [] : [file('etc/ingot/network_data.json', networkData)]),
  ]);
}

/** A file the operator allows machines to boot, or one that is fetched. Throws BootFile. */
async function fileOf(source: string, what: string, config: BootConfig, remote: RemoteFile): Promise<HostFile> {
  if (/^https?:\/\//i.test(source) && URL.canParse(source)) return await remote(source, what);
  const named = source.startsWith('file://') ? pathOf(source) : source;
  if (named === null || !named.startsWith('/'))
    throw errors.BootFile(what, `${JSON.stringify(source.slice(0, 200))} is no file of this host`);
  const path = await realpath(named).catch(() => null);
  const folders = await Promise.all(config.fileFolders.map((folder) => realpath(folder).catch(() => folder)));
  // Said the same way whether the file exists or not.
  if (path === null || !folders.some((folder) => path.startsWith(`${folder}/`)))
    throw errors.BootFile(
      what,
      `${JSON.stringify(named.slice(0, 200))} is not in one of the folders of boot.file_folders`,
    );
  const found = await stat(path);
  if (!found.isFile()) throw errors.BootFile(what, `${JSON.stringify(named.slice(0, 200))} is no plain file`);
  return { path, size: found.size };
}

function pathOf(url: string): string | null {
  try {
    return fileURLToPath(url);
  } catch {
    return null;
  }
}
