import type { BootSighting } from '#contracts/boot';
import type { Access } from '../model/access.ts';
import { bootStory, type BootStory, wayOf } from '../model/boot-story.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { heardOf } from '../store/heard.ts';
import { bootFactsOf } from '../store/boot-facts.ts';
import { findNode } from './find-node.ts';

/** What is told of a node's last boot. */
export interface BootExplanation extends BootStory {
  boot_interface: string;
  /** The way that was chosen last; null when none is known. */
  method: string | null;
  /** Why other ways were not taken, by their names. */
  passed_over: unknown;
  /** Ways that failed in the operation at hand, in order, with how far the machine came. */
  tried: unknown;
  /** Ways that did not bring the machine up before. */
  failed: unknown;
  sightings: readonly BootSighting[];
}

const SHOWN = 200;

/** Explains how the node's last boot went: what was offered, what was asked for, where it stopped, what to check. */
export async function explainBoot(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
): Promise<BootExplanation> {
  const { uuid } = await findNode(deps, access, ident, version, ['baremetal:node:timeline:get']);
  const facts = await bootFactsOf(deps.store, uuid);
  const since = Number(facts.note?.['at']);
  const sightings = (await deps.boot?.sightings(uuid, Number.isFinite(since) ? since : 0)) ?? [];
  // Since the boot was offered: the node's state may have changed several times since.
  const within = Number.isFinite(since) ? Math.max(0, deps.clock.now() - since) : null;
  const agentCalled = (await heardOf(deps.store, uuid, within)).ago !== null;
  const story = bootStory({ ...facts, sightings, agentCalled });
  return {
    ...story,
    boot_interface: facts.bootInterface,
    method: wayOf(facts.note),
    passed_over: facts.note?.['reasons'] ?? {},
    tried: facts.note?.['tried'] ?? [],
    failed: facts.note?.['failed'] ?? [],
    sightings: sightings.slice(-SHOWN),
  };
}
