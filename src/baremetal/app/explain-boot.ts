import type { BootSighting } from '#contracts/boot';
import { messageOf } from '#kernel/errors';
import type { Access } from '../model/access.ts';
import { bootStory, type BootStory, lastRefusal, REFUSALS, wayOf } from '../model/boot-story.ts';
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
/** Consoles are recorded by many hosts, one of which may not answer; the rest of the story does not wait for it. */
const CONSOLE_MS = 5000;

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
  const { ago } = await heardOf(deps.store, uuid, within);
  // What was refused before the ramdisk came up did no harm.
  const refusedAt = await refusedSince(deps, uuid, ago === null ? since : deps.clock.now() - ago);
  const story = bootStory({ ...facts, sightings, agentCalled: ago !== null, refusedAt });
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

/** When Secure Boot last kept the machine from starting something, by what its console said; null: not, or not known. */
async function refusedSince(deps: BaremetalDeps, uuid: string, since: number): Promise<number | null> {
  const { words } = deps;
  if (words === undefined || !Number.isFinite(since)) return null;
  const signal = AbortSignal.timeout(CONSOLE_MS);
  const found = REFUSALS.map((text) => words.search(uuid, text, since, signal));
  return await Promise.all(found).then(
    (lines) => lastRefusal(lines.flat()),
    (error: unknown) => {
      deps.log.warn({ node: uuid, err: messageOf(error) }, 'what the console said cannot be read');
      return null;
    },
  );
}
