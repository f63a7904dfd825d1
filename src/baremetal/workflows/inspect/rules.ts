import { isDeepStrictEqual } from 'node:util';
import type { Secret } from '#kernel/secret';
import { errors as workErrors } from '#work/errors';
import type { InspectionResult } from '../../drivers/contract.ts';
import { type ApiCall, makeApiCall } from '../../model/inspection-rules/api-call.ts';
import { type RuleLog, runRules } from '../../model/inspection-rules/run.ts';
import { type RuleSubject, WRITABLE_NODE_FIELDS, WRITABLE_PORT_FIELDS } from '../../model/inspection-rules/subject.ts';
import { INSPECTED_TRAITS } from '../../model/inventory-facts.ts';
import type { Document, Node } from '../../model/node.ts';
import { toColumns } from '../../model/node-fields.ts';
import { readForRules, readRules, saveInspected } from '../../store/inspection.ts';
import { loadNode } from '../../store/node-load.ts';
import type { Segment } from '../segment.ts';
import type { ConductorSide } from '../side.ts';

/** What the rules were shown, to see afterwards what they changed. */
interface Prepared {
  subject: RuleSubject;
  before: RuleSubject;
}

async function prepare(
  side: ConductorSide,
  node: Node,
  properties: Document,
  found: InspectionResult,
): Promise<Prepared> {
  const read = await readForRules(side.store, node.uuid);
  const subject: RuleSubject = {
    node: {
      uuid: node.uuid,
      name: node.name,
      driver: node.driver,
      provision_state: node.provisionState,
      properties: node.properties,
      extra: node.extra,
      driver_info: node.driverInfo,
      instance_info: node.instanceInfo,
      resource_class: node.resourceClass,
      conductor_group: node.conductorGroup,
      owner: node.owner,
      lessee: node.lessee,
      description: read.description,
      shard: read.shard,
    },
    traits: new Set(node.traits),
    inventory: found.inventory,
    pluginData: found.pluginData,
    ports: read.ports,
  };
  const shown = structuredClone(subject);
  shown.node['properties'] = structuredClone(properties);
  return { subject: shown, before: subject };
}

const revealed = (secrets: Readonly<Record<string, Secret<unknown>>>) =>
  Object.fromEntries(Object.entries(secrets).map(([path, secret]) => [path, secret.reveal()]));

/** How often somebody's edit may come in between. */
const ATTEMPTS = 20;

/**
 * Gives the node the traits that its inventory speaks for, then runs the operator's rules, and writes what came of
 * both in one transaction. `withFindings` makes of the node's properties those it shall have before rules. Gives the
 * plugin data as the rules leave it. Throws what the action `fail` says, and what a rule could not do.
 *
 * All of it is done on the node as it is at that moment, and again when an edit came in between: whole documents are
 * written, and neither the edit nor the findings shall be lost.
 */
export async function applyRules(
  segment: Segment,
  withFindings: (properties: Document) => Document,
  found: InspectionResult,
  traits: readonly string[],
): Promise<Document> {
  const { side, node } = segment;
  const lost = () => workErrors.LeaseLost(`node ${node.uuid} belongs to another conductor or operation now`);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const now = (await loadNode(side.store, node.uuid, side.sealer))?.node;
    if (now === undefined || now.fence !== node.fence || now.operationId !== node.operationId) throw lost();
    const calls: ApiCall[] = [];
    const pluginData = await applyOnce(side, now, withFindings(now.properties), found, traits, calls);
    if (pluginData === undefined) continue;
    // Now that it is written, and once: an edit that came in between makes rules run again, not calls.
    for (const call of calls) await makeApiCall(call, side.callOut, (ms) => side.clock.sleep(ms));
    node.properties = now.properties;
    node.traits = now.traits;
    return pluginData;
  }
  throw new Error(`the node was edited ${ATTEMPTS} times while its inspection was written down`);
}

/** One attempt on the node as read; undefined when it has changed since. */
async function applyOnce(
  side: ConductorSide,
  node: Node,
  properties: Document,
  read: InspectionResult,
  traits: readonly string[],
  calls: ApiCall[],
): Promise<Document | undefined> {
  const found = { ...read, inventory: structuredClone(read.inventory), pluginData: structuredClone(read.pluginData) };
  const { subject, before } = await prepare(side, node, properties, found);
  for (const trait of [...subject.traits]) if (INSPECTED_TRAITS.test(trait)) subject.traits.delete(trait);
  for (const trait of traits) subject.traits.add(trait);
  const log: RuleLog = (level, message) => {
    const say =
      level === 'error' || level === 'critical' ? side.log.error : level === 'warning' ? side.log.warn : side.log.info;
    say.call(side.log, { node: node.uuid, said: message }, 'an inspection rule says');
  };
  runRules(await readRules(side.store), subject, log, calls);

  const fields: Document = {};
  for (const name of WRITABLE_NODE_FIELDS) {
    if (!isDeepStrictEqual(subject.node[name], before.node[name])) fields[name] = subject.node[name] ?? null;
  }
  const { driverInfo, instanceInfo } = node.secrets;
  const columns: Record<string, unknown> = toColumns(side.sealer, node.uuid, fields, {
    driver_info: revealed(driverInfo),
    instance_info: revealed(instanceInfo),
  });
  if (!isDeepStrictEqual(subject.traits, before.traits)) columns['traits'] = [...subject.traits].sort();
  const ports = subject.ports.flatMap((port, i) => {
    const old = before.ports[i]?.fields ?? {};
    const changed = [...WRITABLE_PORT_FIELDS].filter((name) => !isDeepStrictEqual(port.fields[name], old[name]));
    const value = (name: string) => {
      const given = port.fields[name];
      if (name === 'extra' || name === 'local_link_connection') return JSON.stringify(given ?? {});
      return name === 'pxe_enabled' ? given !== false : (given ?? null);
    };
    return changed.length === 0
      ? []
      : [{ uuid: port.uuid, columns: Object.fromEntries(changed.map((name) => [name, value(name)])) }];
  });
  if (Object.keys(columns).length > 0 || ports.length > 0) {
    const guard = { fence: node.fence, operationId: node.operationId ?? '', revision: node.revision };
    if (!(await saveInspected(side.store, node.uuid, guard, columns, ports))) return undefined;
    node.properties = subject.node['properties'] as Document;
    node.traits = [...subject.traits].sort();
  }
  return subject.pluginData;
}
