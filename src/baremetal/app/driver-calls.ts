import { IngotError, messageOf } from '#kernel/errors';
import type { Json } from '#work/contract';
import { errors } from '../errors.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { INTERFACE_KINDS, type InterfaceKind } from '../model/interfaces.ts';
import type { Node } from '../model/node.ts';
import type { Actor, DriverCallRequest, DriverVendorRequest } from '../model/verbs.ts';
import { askAction, askCall, takeBack, takeResult } from '../store/ask-action.ts';
import { loadNode } from '../store/node-load.ts';
import { callShape, driverVendor } from '../workflows/actions/call.ts';
import { ARGS_AAD, type CallDetail } from '../workflows/actions/detail.ts';
import { ACTIONS } from '../workflows/actions/executor.ts';
import { isLocked, nodeLocked } from './provision-rules.ts';
import type { VerbParts } from './set-provision-state.ts';

/** Looks for a result although nobody told of one. Milliseconds. */
const LOOK_MS = 500;

/**
 * Has a conductor of the node's group call a driver, and gives the result. What touches no hardware is answered
 * here. A call that writes locks the node. Throws what the driver threw, 409 NodeLocked, 503 when no conductor took
 * it by the deadline, 504 when it did not end by then.
 */
export async function driverCall(
  deps: BaremetalDeps,
  parts: VerbParts,
  actor: Actor,
  nodeUuid: string,
  call: DriverCallRequest,
  deadlineMs: number,
): Promise<Json> {
  const found = await loadNode(deps.store, nodeUuid, deps.sealer);
  if (found === undefined) throw errors.NodeNotFound(nodeUuid);
  const { node } = found;
  const here = await answerHere(parts, node, call);
  if (here !== undefined) return here.value;
  const shape = callShape(parts, node, call.interface, call.method);
  await parts.registry.of(node)[call.interface].validate(node);
  const detail: CallDetail = {
    kind: 'call',
    ...actor,
    interface: call.interface,
    method: call.method,
    // Vendor methods may be given passwords.
    ...(call.interface === 'vendor' ? { sealedArgs: deps.sealer.seal(call.args, ARGS_AAD) } : { args: call.args }),
  };
  const action = `${call.interface}.${call.method}`;
  const text = JSON.stringify(detail);
  const group = node.conductorGroup;
  let id: bigint;
  if (shape.writes) {
    const asked = await askAction(deps.store, {
      nodeUuid,
      action,
      absolute: shape.absolute,
      detail: text,
      targetPower: null,
      powerInterfaces: null,
      deadlineMs,
    });
    if (asked === undefined) {
      const lock = { ...node, intentId: found.intentId };
      throw isLocked(lock) ? nodeLocked(lock) : errors.NodeLocked(nodeUuid, 'that was faster', { retryAfter: 1 });
    }
    id = asked.id;
  } else id = await askCall(deps.store, { nodeUuid, action, detail: text, group, deadlineMs });
  return await awaitResult(deps, id, group, action, deadlineMs);
}

/** The same for a method of a hardware type; any conductor that runs it answers. */
export async function driverVendorCall(
  deps: BaremetalDeps,
  parts: VerbParts,
  actor: Actor,
  call: DriverVendorRequest,
  deadlineMs: number,
): Promise<Json> {
  const host = deps.catalogue.offer(call.driver)?.hosts[0];
  if (host === undefined) throw errors.DriverNotFound(call.driver);
  const vendor = driverVendor(parts.registry, call.driver);
  if (!vendor?.driverMethods.some((one) => one.name === call.method))
    throw errors.UnsupportedDriverExtension(call.driver, `vendor.${call.method}`);
  const detail: CallDetail = {
    kind: 'call',
    ...actor,
    interface: 'vendor',
    method: call.method,
    driver: call.driver,
    sealedArgs: deps.sealer.seal({ http_method: call.httpMethod, data: call.data }, ARGS_AAD),
  };
  const action = `vendor.${call.method}`;
  const { group } = host;
  const id = await askCall(deps.store, { nodeUuid: null, action, detail: JSON.stringify(detail), group, deadlineMs });
  return await awaitResult(deps, id, group, action, deadlineMs);
}

async function awaitResult(
  deps: BaremetalDeps,
  id: bigint,
  group: string,
  action: string,
  deadlineMs: number,
): Promise<Json> {
  const { store, clock } = deps;
  const deadline = clock.monotonic() + deadlineMs;
  let told = false;
  let wake = () => {};
  const unsubscribe = store.changes.subscribe(ACTIONS, (change) => {
    if (change.id !== `done:${id}` && change.id !== '*') return;
    told = true;
    wake();
  });
  try {
    store.changes.announce(ACTIONS, group === '' ? 'default' : group);
    for (;;) {
      const left = deadline - clock.monotonic();
      if (!told && left > 0) {
        await new Promise<void>((resolve) => {
          const cancel = clock.after(Math.min(LOOK_MS, left), resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
      told = false;
      const text = await takeResult(store, id);
      if (text !== undefined) return unpack(text);
      if (clock.monotonic() < deadline) continue;
      if (await takeBack(store, id)) {
        throw errors.TemporaryFailure({ retryAfter: 5, details: { why: 'no conductor took the call' } });
      }
      throw new IngotError('DriverCallTimeout', 504, `"${action}" did not end within ${deadlineMs / 1000} s`);
    }
  } finally {
    unsubscribe();
  }
}

function unpack(text: string): Json {
  const outcome = JSON.parse(text) as { ok: Json } | { error: { code: string; status: number; message: string } };
  if ('ok' in outcome) return outcome.ok;
  const { code, status, message } = outcome.error;
  throw new IngotError(code, status, message);
}

/** Calls that read settings only. */
async function answerHere(parts: VerbParts, node: Node, call: DriverCallRequest): Promise<{ value: Json } | undefined> {
  const interfaces = parts.registry.of(node);
  switch (`${call.interface}.${call.method}`) {
    case 'management.supportedBootDevices':
      return { value: [...interfaces.management.supportedBootDevices(node)] };
    case 'console.info':
      return { value: interfaces.console.info(node) };
    case 'deploy.validateAll': {
      const value: { [kind: string]: Json } = {};
      for (const kind of INTERFACE_KINDS) value[kind] = await validateOne(parts, node, kind);
      return { value };
    }
    default:
      return undefined;
  }
}

async function validateOne(parts: VerbParts, node: Node, kind: InterfaceKind): Promise<Json> {
  try {
    await parts.registry.of(node)[kind].validate(node);
    return { result: true };
  } catch (error) {
    const absent = error instanceof IngotError && error.code === 'UnsupportedDriverExtension';
    return { result: absent ? null : false, reason: messageOf(error) };
  }
}
