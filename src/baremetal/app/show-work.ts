import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { DeployPlan } from '../model/deploy-plan.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import type { Document } from '../model/node.ts';
import { overheadOf, type Span, spansOf } from '../model/timeline.ts';
import type { Actor } from '../model/verbs.ts';
import { baselineOf, forgetBaseline } from '../store/baselines.ts';
import { proofsOf, type StoredProof } from '../store/proofs.ts';
import { type CurrentWork, currentWork, type StoredTimeline, timelinesOf } from '../store/timelines.ts';
import { findNode } from './find-node.ts';

/** The operation in hand: its times so far, and how far the machine is with what it was told. */
interface Current {
  operation: string;
  started_at: string | null;
  overhead_seconds: number;
  spans: Span[];
  /** As the agent's last heartbeat had it: bytes, total, eta_seconds…; or of an image that is made ready for it. */
  progress: unknown;
}

/** Timelines of a node, newest first, and the one that is being written. */
export async function listTimelines(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
  page: { limit: number; operation: string | null },
): Promise<{ timelines: StoredTimeline[]; current: Current | null }> {
  const { uuid } = await findNode(deps, access, ident, version, ['baremetal:node:timeline:get']);
  const [timelines, now] = await Promise.all([
    timelinesOf(deps.store, uuid, page.limit, page.operation),
    currentWork(deps.store, uuid),
  ]);
  return { timelines, current: now === undefined ? null : shownNow(deps, now) };
}

function shownNow(deps: BaremetalDeps, now: CurrentWork): Current {
  const spans = spansOf(now.marks, deps.clock.now());
  return {
    operation: now.operation,
    started_at: spans[0]?.started_at ?? null,
    overhead_seconds: overheadOf(spans),
    spans,
    progress: now.progress,
  };
}

/** Proofs of cleaning of a node, newest first. */
export async function listProofs(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
  limit: number,
): Promise<StoredProof[]> {
  const { uuid } = await findNode(deps, access, ident, version, ['baremetal:node:proof:get']);
  return await proofsOf(deps.store, uuid, limit);
}

/** What a deploy of the node would do; see plan-deploy.ts. */
export async function planFor(
  deps: BaremetalDeps,
  access: Access,
  actor: Actor,
  ident: string,
  version: number,
  instance: Document,
): Promise<DeployPlan> {
  const { uuid } = await findNode(deps, access, ident, version, ['baremetal:node:set_provision_state']);
  return await deps.verbs.planDeploy(deps, actor, uuid, instance);
}

/** The recorded firmware of a node. Throws 404 when nothing was recorded. */
export async function showBaseline(deps: BaremetalDeps, access: Access, ident: string, version: number) {
  const { uuid } = await findNode(deps, access, ident, version, ['baremetal:node:proof:get']);
  const found = await baselineOf(deps.store, uuid);
  if (found === undefined) throw errors.NotFound();
  return { recorded_at: found.recordedAt, bios: found.bios, firmware: found.firmware };
}

/** Forgets the recorded firmware of a node. Throws 404 when nothing was recorded. */
export async function dropBaseline(deps: BaremetalDeps, access: Access, ident: string, version: number): Promise<void> {
  const { uuid } = await findNode(deps, access, ident, version, ['baremetal:node:baseline:delete']);
  if (!(await forgetBaseline(deps.store, uuid))) throw errors.NotFound();
}
