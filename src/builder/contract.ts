import type { Certificate } from '#kernel/certificate';
import type { Packages } from './packages.ts';

export const IMAGE_KINDS = ['tiny', 'debian', 'debian-lean'] as const;
export type ImageKind = (typeof IMAGE_KINDS)[number];

/** What a recipe is given. */
export interface BuildContext {
  packages: Packages;
  /** Folder of its own, empty, removed afterwards. */
  work: string;
  /** Where the raw disk goes. */
  raw: string;
  /** Date of everything in it, seconds; undefined: that of the newest package. */
  epochS: number | undefined;
  /** Root's password. */
  password: string | undefined;
  /** Further packages of the Debian images. */
  include: readonly string[];
  kernel: 'generic' | 'cloud';
  /** What starts it by UEFI is signed by this key (`tiny`). */
  signBy: Certificate | undefined;
  /** Take what others leave of the processors. */
  gently: boolean;
  say(text: string): void;
  guestFiles(name: string): Promise<string>;
  signal: AbortSignal | undefined;
}
