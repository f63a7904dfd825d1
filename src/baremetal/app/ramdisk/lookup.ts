import { isUuid } from '#kernel/ids';
import { SECRET_MASK } from '#kernel/secret';
import { errors } from '../../errors.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import { statesWhere } from '../../states/table.ts';
import { agentTokenAad } from '../../store/agent-records.ts';
import { type AgentNode, giveToken } from '../../store/agents.ts';
import type { Lookups } from '../../store/lookups.ts';
import { hashToken, newAgentToken } from '../../model/agent-token.ts';

/** States in which a ramdisk may run on a node (`ironic/api/controllers/v1/ramdisk.py`). */
const LOOKUP_STATES: ReadonlySet<string> = new Set(statesWhere((row) => row.lookup === true));

const MAC = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;
const MAX_ADDRESSES = 64;

/** What a ramdisk is told: its node, masked, and its token, the first time it asks after a boot. */
export interface LookupAnswer {
  node: AgentNode;
  token: string;
}

/**
 * Finds the node a ramdisk runs on. Everything that is wrong is a plain 404: the door is open to whoever is on
 * the provisioning network. 400 when nothing was asked.
 */
export async function lookup(
  deps: BaremetalDeps,
  lookups: Lookups,
  addresses: readonly string[],
  nodeUuid: string | undefined,
): Promise<LookupAnswer> {
  const macs = addresses.filter((address) => MAC.test(address)).slice(0, MAX_ADDRESSES);
  if (macs.length === 0 && nodeUuid === undefined) {
    throw errors.Invalid("At least one of 'addresses' and 'node_uuid' parameters is required");
  }
  const node = await find(deps, lookups, macs, nodeUuid);
  if (node === undefined || !LOOKUP_STATES.has(node.provisionState)) throw errors.NotFound();
  if (node.tokenHash !== null) {
    await again(deps, lookups, node);
    return { node, token: SECRET_MASK };
  }
  const token = newAgentToken();
  const won = await giveToken(deps.store, node, hashToken(token), deps.sealer.seal(token, agentTokenAad(node.uuid)));
  return { node, token: won ? token : SECRET_MASK };
}

/**
 * The token is out: the machine started anew in the middle of an operation, or another one has its MAC. Whoever it is
 * gets none; the operation that waits is woken to ask its agent whether it is still there.
 */
async function again(deps: BaremetalDeps, lookups: Lookups, node: AgentNode): Promise<void> {
  if (node.askedAgain) return; // whoever asks without end costs one statement, and one line in seconds
  const waiting = await lookups.noteSecond(node.uuid);
  deps.log.warn(
    { node: node.uuid },
    'a second lookup while a token is out: a restart, or another machine with its MAC',
  );
  if (waiting !== null) await deps.work.signalNow(waiting, 'wake', null);
}

async function find(
  deps: BaremetalDeps,
  lookups: Lookups,
  macs: readonly string[],
  nodeUuid: string | undefined,
): Promise<AgentNode | undefined> {
  if (nodeUuid !== undefined) {
    return isUuid(nodeUuid) ? await lookups.byUuid(nodeUuid) : undefined;
  }
  const found = await lookups.byMacs(macs.map((mac) => mac.toLowerCase().replaceAll('-', ':')));
  if (found.length > 1)
    deps.log.warn({ nodes: found.map((node) => node.uuid) }, 'a ramdisk has MAC addresses of two nodes');
  return found.length === 1 ? found[0] : undefined;
}
