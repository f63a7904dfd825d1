import { buildConfigDrive, type ConfigDrive, configDriveFiles } from '#protocols/configdrive/build';
import { checkConfigDrive } from '#protocols/configdrive/check';
import { errors } from '../../errors.ts';
import type { Document, Node } from '../../model/node.ts';

const isDocument = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The config drive as somebody gave it: a text, or a document to be made into one; undefined without any. */
function givenDrive(node: Node): unknown {
  return node.secrets.instanceInfo['configdrive']?.reveal() ?? node.instanceInfo['configdrive'];
}

/**
 * The instance's config drive as agents take it: base64 of a gzip, or a URL of it; null when none was given. Throws
 * 400 for what is none.
 */
export async function configDriveOf(node: Node, signal: AbortSignal): Promise<string | null> {
  const given = givenDrive(node);
  if (given === undefined || given === null || given === '') return null;
  if (typeof given === 'string') {
    if (given.includes('://')) {
      if (!/^https?:\/\//.test(given)) throw errors.InvalidParameterValue('A config drive by URL needs http or https.');
      return given;
    }
    await checkConfigDrive(given);
    return given;
  }
  if (!isDocument(given)) throw errors.InvalidParameterValue('The config drive is neither a text nor an object.');
  return await (takeAhead(node, given) ?? buildConfigDrive(driveOf(node, given), signal));
}

/** Drives being made while their machines start, by operation, with what they are made of. */
const ahead = new Map<string, { of: string; drive: Promise<string> }>();

/** One that nobody took by then is forgotten. Milliseconds. */
const AHEAD_MS = 3_600_000;

/** Begins to make the drive of a document before it is asked for. What goes wrong is told then. */
export function beginConfigDrive(node: Node): void {
  const given = givenDrive(node);
  const key = node.operationId;
  if (key === null || !isDocument(given)) return;
  const signal = AbortSignal.timeout(AHEAD_MS);
  const drive = buildConfigDrive(driveOf(node, given), signal);
  drive.catch(() => {}); // awaited by who asks for it
  ahead.set(key, { of: JSON.stringify(driveOf(node, given)), drive });
  signal.addEventListener('abort', () => ahead.delete(key), { once: true });
}

function takeAhead(node: Node, given: Document): Promise<string> | undefined {
  const found = ahead.get(node.operationId ?? '');
  if (found === undefined) return undefined;
  ahead.delete(node.operationId ?? '');
  return found.of === JSON.stringify(driveOf(node, given)) ? found.drive : undefined;
}

/** The files of the instance's config drive, as far as it was given as a document or not at all; else null. */
export function instanceFiles(node: Node): ReadonlyMap<string, string> | null {
  const given = givenDrive(node) ?? {};
  return isDocument(given) ? configDriveFiles(driveOf(node, given)) : null;
}

/** The parts of a config drive given as a document, with what the instance is called where it does not say. */
function driveOf(node: Node, given: Document): ConfigDrive {
  const { meta_data, network_data, user_data, vendor_data } = given;
  const name = node.instanceName ?? node.name;
  return {
    metaData: {
      uuid: node.instanceUuid ?? node.uuid,
      ...(name === null ? {} : { name, hostname: name }),
      ...(isDocument(meta_data) ? meta_data : {}),
    },
    ...(isDocument(network_data)
      ? { networkData: network_data }
      : Object.keys(node.networkData).length > 0
        ? { networkData: node.networkData }
        : {}),
    ...(user_data === undefined || user_data === null ? {} : { userData: user_data }),
    ...(isDocument(vendor_data) ? { vendorData: vendor_data } : {}),
  };
}
