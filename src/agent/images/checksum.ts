import { createHash, getHashes, type Hash } from 'node:crypto';
import type { ImageInfo } from '#agent-api/image-info';
import { errors } from '../errors.ts';
import { type DownloadOptions, downloadSmall } from './download.ts';

export interface Expected {
  algorithm: string;
  value: string;
}

const BY_LENGTH: Readonly<Record<number, string>> = { 32: 'md5', 64: 'sha256', 96: 'sha384', 128: 'sha512' };
const MOST_LIST = 1024 * 1024;

/**
 * What the bytes of an image must hash to, from `os_hash_value` or `checksum`, which may be the URL of a list of
 * checksums. Null when only the raw bytes have a hash. Throws `ImageRefused` when there is none at all, or only an
 * MD5 that the conductor does not allow.
 */
export async function expectedHash(
  info: ImageInfo,
  md5Allowed: boolean,
  options: DownloadOptions,
): Promise<Expected | null> {
  const given = info.os_hash_value ?? info.checksum;
  if (given === undefined || given === '') {
    if (info.raw_sha256 !== undefined) return null;
    throw errors.ImageRefused('no checksum was given, so nothing would tell whether it is whole');
  }
  const value = (/^https?:\/\//.test(given) ? await listed(given, info, options) : given).trim().toLowerCase();
  const algorithm =
    info.os_hash_value === undefined ? BY_LENGTH[value.length] : (info.os_hash_algo ?? BY_LENGTH[value.length]);
  if (algorithm === undefined || !getHashes().includes(algorithm) || !/^[0-9a-f]+$/.test(value)) {
    throw errors.ImageRefused(`its checksum ${value.slice(0, 140)} is of no kind that is known`);
  }
  if (algorithm === 'md5' && !md5Allowed) throw errors.ImageRefused('its checksum is MD5, which proves nothing');
  return { algorithm, value };
}

/** The line of a `SHA256SUMS` file (GNU or BSD) for this image, or its only word. */
async function listed(url: string, info: ImageInfo, options: DownloadOptions): Promise<string> {
  const text = (await downloadSmall(url, MOST_LIST, options)).toString('utf8');
  const name = decodeURIComponent(new URL(info.urls[0] ?? url).pathname.split('/').at(-1) ?? '');
  const found = checksumIn(text, name);
  if (found === null) throw errors.ImageRefused(`${url} has no checksum of ${name}`);
  return found;
}

/** A checksum out of a list, for a file name. */
export function checksumIn(list: string, name: string): string | null {
  const lines = list.split('\n').map((line) => line.trim());
  const words = lines.filter((line) => line !== '');
  if (words.length === 1 && /^[0-9a-f]+$/i.test(words[0] ?? '')) return words[0] ?? null;
  for (const line of words) {
    const gnu = /^([0-9a-f]{32,})\s+\*?(.+)$/i.exec(line);
    if (gnu !== null && gnu[2]?.replace(/^\.\//, '') === name) return gnu[1] ?? null;
    const bsd = /^[A-Z0-9-]+ ?\((.+)\) ?= ?([0-9a-f]+)$/i.exec(line);
    if (bsd !== null && bsd[1] === name) return bsd[2] ?? null;
  }
  return null;
}

/** Hashes what passes by. */
export async function* tap(source: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const part of source) {
    hash.update(part);
    yield part;
  }
}

/** A hash to be compared at the end. */
export function hashOf(expected: Expected): Hash {
  return createHash(expected.algorithm);
}

/** Throws `ChecksumMismatch`, which names both. */
export function mustMatch(what: string, expected: Expected, actual: string): void {
  if (actual !== expected.value) throw errors.ChecksumMismatch(what, expected.algorithm, expected.value, actual);
}
