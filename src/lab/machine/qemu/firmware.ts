import { access, readFile } from 'node:fs/promises';
import { errors } from '../../errors.ts';
import type { BootPlan, Machine } from '../contract.ts';
import { askForSetup, bootUriNext, VariableStore } from './variables.ts';

const OVMF = '/usr/share/OVMF';
const CODE = { plain: `${OVMF}/OVMF_CODE_4M.fd`, secure: `${OVMF}/OVMF_CODE_4M.secboot.fd` };
const VARS = { empty: `${OVMF}/OVMF_VARS_4M.fd`, keys: `${OVMF}/OVMF_VARS_4M.ms.fd` };

/** The read-only half of the UEFI firmware. With Secure Boot it is a build that guards its variables by SMM. */
export function codeFile(secureBoot: boolean): string {
  return secureBoot ? CODE.secure : CODE.plain;
}

/** Throws LabMissingProgram when Debian's OVMF is not installed. */
export async function requireOvmf(): Promise<void> {
  for (const file of [CODE.plain, CODE.secure, VARS.empty, VARS.keys]) {
    try {
      await access(file);
    } catch (cause) {
      throw errors.LabMissingProgram(file, 'ovmf', { cause });
    }
  }
}

/** The certificates that Debian's OVMF comes with where it can enforce Secure Boot: Microsoft's. */
export async function vendorCertificates(secureBoot: boolean): Promise<Machine['vendorCertificates']> {
  return secureBoot ? new VariableStore(await readFile(VARS.keys)).certificates() : {};
}

/**
 * The variable file's new content for what the plan says about Secure Boot, setup and HTTP boot; null when the
 * file is right as it is. Touches nothing: QEMU holds the file's content while it runs, so the caller stops it
 * before it writes.
 */
export async function plannedVariables(file: string, plan: BootPlan, secureBoot: boolean): Promise<Buffer | null> {
  let image: Buffer | null = null;
  try {
    image = await readFile(file);
  } catch {
    // the machine's first start
  }
  const store = new VariableStore(image ?? (await readFile(VARS.empty)));
  if (secureBoot) store.applySecureBoot(plan.secureBoot, new VariableStore(await readFile(VARS.keys)));
  const first = plan.order[0];
  if (first === 'setup') askForSetup(store);
  if (first === 'http') bootUriNext(store, plan.httpUri);
  return image !== null && store.image.equals(image) ? null : store.image;
}
