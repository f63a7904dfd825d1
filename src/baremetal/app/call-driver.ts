import type { Json } from '#work/contract';
import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import type { DriverCallRequest } from '../model/verbs.ts';
import { statesWhere } from '../states/table.ts';
import { editRow } from './edit-row.ts';
import { findNode } from './find-node.ts';

/** Who calls a driver of which node. */
export interface NodeCall {
  ident: string;
  version: number;
  /** The rule the caller must pass. */
  rule: string;
}

/** Runs one call of a node's driver on a conductor and gives its result. Throws 403, 404, and what the driver threw. */
export async function callDriver(
  deps: BaremetalDeps,
  access: Access,
  on: NodeCall,
  call: DriverCallRequest,
): Promise<Json> {
  const { uuid } = await findNode(deps, access, on.ident, on.version, [on.rule]);
  return await deps.verbs.driverCall(deps, access.actor, uuid, call, deps.config.api.driverCallDeadlineMs);
}

/** States in which a machine is being worked on, so that its firmware settings are left alone. */
const UNSTABLE: ReadonlySet<string> = new Set(statesWhere(({ kind }) => kind === 'moving' || kind === 'wait'));

/** Sets boot mode or Secure Boot of a node that is at rest, and remembers it. Throws 409 when it is not. */
export async function setFirmwareState(
  deps: BaremetalDeps,
  access: Access,
  on: NodeCall,
  state: { bootMode: 'uefi' | 'bios' } | { secureBoot: boolean },
): Promise<void> {
  const node = await findNode(deps, access, on.ident, on.version, [on.rule], ['provision_state']);
  if (UNSTABLE.has(node.provision_state ?? '')) {
    throw errors.Conflict(
      `Node is in ${node.provision_state} state. Since node is transitioning, the boot mode will not be set as this ` +
        'may interfere with ongoing changes and result in erroneous modification. Try again later.',
      { retryAfter: 5 },
    );
  }
  const boot = 'bootMode' in state;
  const call: DriverCallRequest = boot
    ? { interface: 'management', method: 'setBootMode', args: { mode: state.bootMode } }
    : { interface: 'management', method: 'setSecureBoot', args: { on: state.secureBoot } };
  await deps.verbs.driverCall(deps, access.actor, node.uuid, call, deps.config.api.driverCallDeadlineMs);
  const columns = boot ? { boot_mode: state.bootMode } : { secure_boot: state.secureBoot };
  await remember(deps, access, node.uuid, on.version, columns);
}

/** Writes what a driver just did into the row. */
async function remember(
  deps: BaremetalDeps,
  access: Access,
  uuid: string,
  version: number,
  columns: Record<string, unknown>,
): Promise<void> {
  await editRow(deps, access, { ident: uuid, version, rules: [], columns: [] }, () => ({ columns }));
}

/** Turns a node's console on or off; nothing happens when it is so already. */
export async function setConsole(deps: BaremetalDeps, access: Access, on: NodeCall, enabled: boolean): Promise<void> {
  const node = await findNode(
    deps,
    access,
    on.ident,
    on.version,
    [on.rule],
    ['driver', 'console_interface', 'console_enabled'],
  );
  if (node.console_interface === 'no-console') {
    throw errors.UnsupportedDriverExtension(node.driver ?? '', 'console');
  }
  if ((node.console_enabled === 't') === enabled) return;
  const call: DriverCallRequest = { interface: 'console', method: enabled ? 'start' : 'stop', args: {} };
  await deps.verbs.driverCall(deps, access.actor, node.uuid, call, deps.config.api.driverCallDeadlineMs);
  await remember(deps, access, node.uuid, on.version, { console_enabled: enabled });
}

/** Is the console on, and how is it reached? */
export async function showConsole(deps: BaremetalDeps, access: Access, on: NodeCall, baseUrl: string): Promise<Json> {
  const node = await findNode(
    deps,
    access,
    on.ident,
    on.version,
    [on.rule],
    ['driver', 'console_interface', 'console_enabled'],
  );
  if (node.console_interface === 'no-console') {
    throw errors.UnsupportedDriverExtension(node.driver ?? '', 'console');
  }
  if (node.console_enabled !== 't') return { console_enabled: false, console_info: null };
  const call: DriverCallRequest = { interface: 'console', method: 'info', args: {} };
  const info = await deps.verbs.driverCall(deps, access.actor, node.uuid, call, deps.config.api.driverCallDeadlineMs);
  return { console_enabled: true, console_info: absolute(info, baseUrl) };
}

/** Consoles that people reach through this service say a path of it. */
function absolute(info: Json, baseUrl: string): Json {
  if (typeof info !== 'object' || info === null || Array.isArray(info)) return info;
  const { url } = info;
  return typeof url === 'string' && url.startsWith('/') ? { ...info, url: `${baseUrl}${url}` } : info;
}
