import { errors } from '../../../errors.ts';
import type { Document } from '../../../model/node.ts';
import type { ProvisionRequest } from '../../../model/verbs.ts';
import { readBoolean } from '../../input/value.ts';
import { PROVISION_RULES } from '../../versions/nodes.ts';

type Body = Readonly<Record<string, unknown>>;

/** Base64 with the blanks people put into it. */
const BASE64 = /^[A-Za-z0-9+/=\s]*$/;
const CONFIGDRIVE_KEYS = ['meta_data', 'network_data', 'user_data', 'vendor_data'];

/** Reads the body of PUT …/states/provision. Throws 400 and 406 for what the version or the target does not allow. */
export function readProvision(body: Body, version: number): { request: ProvisionRequest; runbookByTraits: boolean } {
  const target = body['target'] as string;
  const request: ProvisionRequest = { target };
  const configdrive = readConfigdrive(body['configdrive'], target, version);
  if (configdrive !== undefined) request.configdrive = configdrive;
  const runbook = body['runbook'];
  if (typeof runbook === 'string' && runbook !== '') {
    if (version < PROVISION_RULES.runbook) throw errors.NotAcceptable();
    request.runbook = runbook;
  }
  const { clean_steps: clean, deploy_steps: deploy, service_steps: service } = body;
  if (nonEmpty(deploy) && version < PROVISION_RULES.deploySteps) {
    throw errors.NotAcceptableBelow(PROVISION_RULES.deploySteps);
  }
  if (nonEmpty(clean)) request.cleanSteps = clean;
  if (nonEmpty(deploy)) request.deploySteps = deploy;
  if (nonEmpty(service)) request.serviceSteps = service;
  const password = body['rescue_password'];
  if (typeof password === 'string') request.rescuePassword = password;
  const without = body['disable_ramdisk'] ?? null;
  if (without !== null) request.disableRamdisk = readDisableRamdisk(without, target, version);
  return { request, runbookByTraits: version >= PROVISION_RULES.runbookTraits };
}

function nonEmpty(steps: unknown): steps is Document[] {
  return Array.isArray(steps) && steps.length > 0;
}

function readDisableRamdisk(value: unknown, target: string, version: number): boolean {
  const since = { clean: PROVISION_RULES.cleanDisableRamdisk, service: PROVISION_RULES.serviceDisableRamdisk }[target];
  if (since === undefined) {
    throw errors.Invalid('disable_ramdisk is supported only with manual cleaning or servicing');
  }
  if (version < since) throw errors.NotAcceptable();
  return readBoolean('disable_ramdisk', value);
}

function readConfigdrive(value: unknown, target: string, version: number): string | Document | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'object' && Object.keys(value).length === 0) return undefined;
  const targets = ['active', ...(version >= PROVISION_RULES.rebuildConfigdrive ? ['rebuild'] : [])];
  if (!targets.includes(target)) {
    throw errors.Invalid(
      `Adding a config drive is only supported when setting provision state to ${targets.join(', ')}`,
    );
  }
  if (typeof value === 'string') {
    // A colon is not base64, so that `://` tells a URL.
    if (!value.includes('://') && !BASE64.test(value)) {
      throw errors.Invalid('Invalid configdrive format: it is neither a JSON, nor a URL, nor a base64 string');
    }
    return value;
  }
  return readConfigdriveDocument(value as Document, version);
}

function readConfigdriveDocument(drive: Document, version: number): Document {
  const needs = (what: string, minor: number) =>
    errors.Invalid(`Providing ${what} is only supported starting with API version 1.${minor}`);
  if (version < PROVISION_RULES.configdriveDocument) {
    throw needs('a JSON object for configdrive', PROVISION_RULES.configdriveDocument);
  }
  for (const [key, value] of Object.entries(drive)) {
    if (!CONFIGDRIVE_KEYS.includes(key)) {
      throw errors.Invalid(
        `Invalid configdrive format: Additional properties are not allowed ('${key.slice(0, 40)}' was unexpected)`,
      );
    }
    const object = typeof value === 'object' && value !== null && !Array.isArray(value);
    const fits =
      key === 'user_data' ? value === null || typeof value === 'string' || typeof value === 'object' : object;
    if (!fits) throw errors.Invalid(`Invalid configdrive format: ${key} has the wrong type`);
  }
  if (drive['vendor_data'] !== undefined && version < PROVISION_RULES.configdriveVendorData) {
    throw needs('vendor_data in configdrive', PROVISION_RULES.configdriveVendorData);
  }
  return drive;
}
