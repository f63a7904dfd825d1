import type { BootService } from '#contracts/boot';
import type { ImageFacts, ImageService } from '#contracts/image';
import { messageOf } from '#kernel/errors';
import { imageRequestOf } from '../drivers/agent/image-info.ts';
import type { DriverRegistry } from '../drivers/registry.ts';
import { errors } from '../errors.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { type DeployPlan, estimateFrom, type PlanCheck } from '../model/deploy-plan.ts';
import type { InterfaceKind } from '../model/interfaces.ts';
import type { Document, Node } from '../model/node.ts';
import type { Actor } from '../model/verbs.ts';
import { next } from '../states/table.ts';
import { portFacts, pastDeploys, rootDisk } from '../store/plan-facts.ts';
import { loadNode } from '../store/node-load.ts';
import { automaticSteps, offeredSteps } from '../workflows/steps/listed.ts';

/** What a plan is made with. */
export interface PlanParts {
  registry: DriverRegistry;
  stepPriorities: Readonly<Record<string, number>>;
  images?: ImageService;
  boot?: BootService;
}

const BMC_MS = 20_000;
const IMAGE_MS = 30_000;
const GIB = 1024 ** 3;

/**
 * What a deploy would do and what is missing for it, without touching the machine: its BMC is read once. `instance` is
 * put over the node's instance_info, and kept nowhere. Throws 404.
 */
export async function planDeploy(
  deps: BaremetalDeps,
  parts: PlanParts,
  actor: Actor,
  nodeUuid: string,
  instance: Document,
): Promise<DeployPlan> {
  const row = await loadNode(deps.store, nodeUuid, deps.sealer);
  if (row === undefined) throw errors.NodeNotFound(nodeUuid);
  const node: Node = { ...row.node, instanceInfo: { ...row.node.instanceInfo, ...instance } };
  for (const key of Object.keys(instance)) delete node.secrets.instanceInfo[key];
  const interfaces = parts.registry.of(node);
  const kinds: readonly InterfaceKind[] = ['power', 'management', 'deploy', 'boot', 'network', 'storage'];
  const [valid, image, boot, bmc, ports] = await Promise.all([
    Promise.all(
      kinds.map((kind) =>
        attempt(`${kind} interface ${node.interfaces[kind]}`, async () => {
          await interfaces[kind].validate(node);
          return 'its settings are complete';
        }),
      ),
    ),
    checkImage(deps, parts, node),
    checkBoot(parts, node),
    attempt('BMC', async () => {
      const call = { interface: 'management', method: 'getBootDevice', args: {} } as const;
      await deps.verbs.driverCall(deps, actor, node.uuid, call, BMC_MS);
      return 'it answers and lets us in';
    }),
    checkPorts(deps, node),
  ]);
  const checks = [checkState(node), ...valid, ...image.checks, boot, bmc, ports];
  const steps = automaticSteps(await offeredSteps(interfaces, node, 'deploy'), 'deploy', parts.stepPriorities);
  const past = await pastDeploys(deps.store, node.resourceClass);
  return {
    node: node.uuid,
    ready: checks.every((check) => check.ok !== false),
    checks,
    steps: steps.map((step) => ({ interface: step.interface, step: step.step, priority: step.priority ?? 0 })),
    estimate: estimateFrom(past, image.facts?.virtualBytes ?? null, node.resourceClass ?? 'any class'),
  };
}

async function attempt(what: string, check: () => Promise<string>): Promise<PlanCheck> {
  try {
    return { what, ok: true, said: await check() };
  } catch (error) {
    return { what, ok: false, said: messageOf(error) };
  }
}

function checkState(node: Node): PlanCheck {
  const what = 'state';
  if (node.maintenance) return { what, ok: false, said: 'the node is in maintenance' };
  if (node.operationId !== null) return { what, ok: false, said: `"${node.operation}" is under way on it` };
  const may = next(node.provisionState, 'deploy') ?? next(node.provisionState, 'rebuild');
  if (may === undefined)
    return { what, ok: false, said: `nothing is deployed on a node that is "${node.provisionState}"` };
  return { what, ok: true, said: `it is "${node.provisionState}"` };
}

async function checkImage(
  deps: BaremetalDeps,
  parts: PlanParts,
  node: Node,
): Promise<{ checks: PlanCheck[]; facts?: ImageFacts }> {
  if (node.interfaces.deploy !== 'direct') return { checks: [] };
  if (parts.images === undefined) {
    return {
      checks: [{ what: 'image', ok: null, said: 'no image service is plugged in: the machine fetches it itself' }],
    };
  }
  let facts: ImageFacts;
  try {
    facts = await parts.images.examine(imageRequestOf(node), AbortSignal.timeout(IMAGE_MS));
  } catch (error) {
    return { checks: [{ what: 'image', ok: false, said: messageOf(error) }] };
  }
  const size = facts.virtualBytes;
  const said = `${facts.format}, ${size === null ? 'its size is known when it is read' : `${shown(size)} on disk`}`;
  const disk = await rootDisk(deps.store, node.uuid);
  const fits: PlanCheck =
    disk === null || size === null
      ? { what: 'disk', ok: null, said: 'the size of the disk, or of the image, is not known' }
      : size <= disk
        ? { what: 'disk', ok: true, said: `the image fits: ${shown(size)} of ${shown(disk)}` }
        : { what: 'disk', ok: false, said: `the image does not fit: ${shown(size)}, the disk has ${shown(disk)}` };
  return { checks: [{ what: 'image', ok: true, said }, fits], facts };
}

const shown = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`;

async function checkBoot(parts: PlanParts, node: Node): Promise<PlanCheck> {
  const what = 'boot path';
  if (parts.boot === undefined || node.interfaces.boot === 'external-pxe') {
    return { what, ok: null, said: 'a boot server that is not ours brings the ramdisk' };
  }
  const { available, unavailable } = await parts.boot.methods();
  const gone = Object.entries(unavailable).map(([method, why]) => `${method}: ${why}`);
  if (available.length === 0) return { what, ok: false, said: `nothing can be booted from here (${gone.join('; ')})` };
  return { what, ok: true, said: `by ${node.interfaces.boot}; served here: ${available.join(', ')}` };
}

async function checkPorts(deps: BaremetalDeps, node: Node): Promise<PlanCheck> {
  const { all, boots } = await portFacts(deps.store, node.uuid);
  const what = 'ports';
  if (all === 0) return { what, ok: false, said: 'the node has no port: a ramdisk could not be told from others' };
  if (boots === 0) return { what, ok: false, said: 'none of its ports may boot (pxe_enabled)' };
  return { what, ok: true, said: `${all} ports, ${boots} of them may boot` };
}
