import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { isUuid } from '#kernel/ids';
import { errors } from '../../errors.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import { isLogicalName } from '../../model/names.ts';
import { agentNodeByName } from '../../store/agents.ts';
import type { BeatingNode, HeartbeatFacts, Heartbeats } from '../../store/heartbeats.ts';
import { tokenMatches } from '../../model/agent-token.ts';

/**
 * Hears a ramdisk. The token must be the one its lookup gave (400 otherwise), and the address it can be called at
 * must stay the first it told, so that nobody can turn the conductor to a machine of theirs (400). `beats` keeps it.
 */
export async function heartbeat(
  deps: BaremetalDeps,
  beats: Heartbeats,
  ident: string,
  token: string | undefined,
  facts: HeartbeatFacts,
): Promise<void> {
  const node = await beats.node(isUuid(ident) ? ident : await uuidOf(deps, ident));
  if (node === undefined) throw errors.NodeNotFound(ident);
  if (node.maintenance) throw errors.NodeInMaintenance('heartbeat', node.uuid);
  if (token === undefined || node.tokenHash === null) {
    deps.log.warn({ node: node.uuid }, 'a heartbeat without a token that was given out');
    throw errors.InvalidParameterValue('Agent token is required for heartbeat processing.');
  }
  if (!tokenMatches(token, node.tokenHash)) {
    deps.log.warn({ node: node.uuid }, 'a heartbeat with a wrong token');
    throw errors.InvalidParameterValue('Invalid or missing agent token received.');
  }
  if (node.callbackUrl !== null && node.callbackUrl !== facts.callbackUrl) {
    deps.log.warn({ node: node.uuid }, "a heartbeat that changes the agent's address");
    throw errors.InvalidParameterValue('Detected change in ramdisk provided "callback_url"');
  }
  // An installer tells how far it is, and cannot be called.
  if (facts.callbackUrl !== '' || facts.status === null) checkCallback(deps, facts.callbackUrl);
  // When it came counts to the millisecond for an operation that waits, or is about to.
  if (node.operationId === null && saysNothingNew(node, facts)) {
    beats.seen(node.uuid);
    return;
  }
  // One in the middle of a command is no news to who waits for its end.
  if (facts.progress !== null && node.callbackUrl === facts.callbackUrl && facts.status === null) {
    beats.progressed(node.uuid, facts.progress);
    return;
  }
  const waiting = await beats.changed(node.uuid, facts);
  // Only who waits for it is woken: a heartbeat is no news to a timer.
  if (waiting === null || facts.progress !== null) return;
  await deps.work.signalNow(waiting, 'wake', null);
}

/** Agents are told UUIDs; people's scripts use names. */
async function uuidOf(deps: BaremetalDeps, ident: string): Promise<string> {
  const node = isLogicalName(ident, 10) ? await agentNodeByName(deps.store, ident) : undefined;
  if (node === undefined) throw errors.NodeNotFound(ident);
  return node.uuid;
}

/** Is all of this known of the agent already? */
function saysNothingNew(node: BeatingNode, facts: HeartbeatFacts): boolean {
  const { callbackUrl, version, verifyCa, status, statusMessage } = facts;
  return (
    node.quiet &&
    status === null &&
    statusMessage === null &&
    callbackUrl === node.callbackUrl &&
    (version === null || version === node.version) &&
    (verifyCa === null || createHash('md5').update(verifyCa).digest('hex') === node.verifyCaDigest)
  );
}

/** An address a conductor may call: http(s), an IP address or a plain host, no credentials. */
function checkCallback(deps: BaremetalDeps, url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const scheme = parsed?.protocol;
  if (
    parsed === undefined ||
    (scheme !== 'https:' && scheme !== 'http:') ||
    parsed.username !== '' ||
    parsed.password !== ''
  ) {
    throw errors.InvalidParameterValue('callback_url is not an http or https URL without credentials');
  }
  // A name could be led elsewhere later.
  if (isIP(parsed.hostname.replace(/^\[|\]$/g, '')) === 0) {
    throw errors.InvalidParameterValue('callback_url must name an IP address');
  }
  if (deps.config.api.requireAgentTls && scheme !== 'https:') {
    throw errors.InvalidParameterValue('TLS is required in callback_url, got a plain http one');
  }
}
