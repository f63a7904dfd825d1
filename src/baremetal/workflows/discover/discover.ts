import { Secret } from '#kernel/secret';
import { messageOf } from '#kernel/errors';
import { Turns } from '#protocols/bmc-http/turns';
import type { StepContext, Workflow, WorkflowContext } from '#work/contract';
import { errors as workErrors, isDatabaseAway } from '#work/errors';
import { type ProbeParts } from '../../drivers/probe/contract.ts';
import { probe } from '../../drivers/probe/probe.ts';
import { type BmcPlace, placeName, placeOf } from '../../model/bmc-ranges.ts';
import type { BmcReport } from '../../model/bmc-report.ts';
import {
  addFound,
  countScanned,
  type Discovery,
  drivenPlaces,
  endDiscovery,
  foundPlaces,
  ipmiKey,
  listUndriven,
  loadDiscovery,
  nodeOfMachine,
  noteNode,
  redfishKey,
  sameSystem,
} from '../../store/discoveries.ts';
import type { ConductorSide } from '../side.ts';

/** What the workflow is told. */
export type DiscoverInput = { discovery: string; total: number };

/** Places of one recorded step: what is looked at again, at most, when a conductor dies. */
const BATCH = 256;
const BATCH_MS = 20 * 60_000;
/** What sealed logins are bound to. */
export const LOGIN_AAD = 'discovery:login';

/** Makes a node of what was found; gives its UUID. Throws what enrolling throws. */
export type Enrol = (discovery: Discovery, report: BmcReport, password: string | null) => Promise<string>;

type Side = Pick<ConductorSide, 'store' | 'clock' | 'log' | 'sealer'>;

/**
 * The search for BMCs. Each is logged in to once, and only when no node drives it: a row is written as soon as it was looked
 * at, and a successor passes over those that have one.
 */
export function discoverWorkflow(side: Side, enrol: Enrol): Workflow<DiscoverInput> {
  const { store } = side;
  return {
    name: 'discover',
    version: 1,
    async run(context: WorkflowContext, input: DiscoverInput) {
      for (let from = 0; from < input.total; from += BATCH) {
        await context.step({
          name: `places ${from + 1} to ${Math.min(from + BATCH, input.total)}`,
          budgetMs: BATCH_MS,
          do: (step) => search(side, step, input.discovery, from),
        });
      }
      await context.step({
        name: 'enrol',
        budgetMs: BATCH_MS,
        do: (step) => enrolAll(side, enrol, step, input.discovery),
      });
      await context.step({
        name: 'end',
        budgetMs: 60_000,
        do: async () => endDiscovery(store, input.discovery, 'done', null),
      });
    },
    async failed(context: WorkflowContext, input: DiscoverInput, error: Error) {
      const stopped = 'code' in error && error.code === 'Aborted';
      await context.step({
        name: 'give up',
        budgetMs: 60_000,
        do: async () =>
          endDiscovery(store, input.discovery, stopped ? 'stopped' : 'failed', stopped ? null : messageOf(error)),
      });
    },
  };
}

async function search(side: Side, step: StepContext, id: string, from: number): Promise<void> {
  const { store, clock, sealer, log } = side;
  const discovery = await loadDiscovery(store, id);
  if (discovery === undefined || discovery.state !== 'running') return;
  const { wish, login_sealed: sealed } = discovery;
  const login = sealed === null ? null : sealer.open<{ username: string; password: string }>(sealed, LOGIN_AAD);
  const [done, driven] = await Promise.all([foundPlaces(store, id), drivenPlaces(store)]);
  const places = discovery.places.slice(from, from + BATCH);
  const turns = new Turns(wish.concurrency);
  let scanned = from;
  const look = async (name: string) => {
    const place = placeOf(name);
    const known = (protocol: 'redfish' | 'ipmi', port: number) =>
      driven.get(protocol === 'redfish' ? redfishKey(originOf(place, port)) : ipmiKey(place.host, port));
    const parts: ProbeParts = {
      clock,
      lease: step.lease,
      signal: step.signal,
      waitMs: wish.waitMs,
      protocols: wish.protocols,
      login: {
        username: login?.username ?? null,
        password: login === null ? null : new Secret(login.password),
        certificates: wish.certificates,
      },
      isKnown: (protocol, port) => known(protocol, port) !== undefined,
    };
    for (const report of await probe(place, parts)) {
      step.lease.assertHeld();
      const node = driven.get(keyOf(report)) ?? (await nodeOfMachine(store, report));
      const twin = await sameSystem(store, id, report.uuid, report.place);
      if (twin !== undefined) report.notes.push(`It is the machine that answers at ${twin}.`);
      await addFound(store, id, report, node ?? null);
    }
  };
  await Promise.all(
    places.map((name) =>
      turns.run(step.signal, async () => {
        if (!done.has(placeName(placeOf(name)))) await look(name);
        scanned++;
        await countScanned(store, id, scanned);
      }),
    ),
  ).catch((error: unknown) => {
    step.signal.throwIfAborted();
    if (!step.lease.held) throw workErrors.LeaseLost('a search');
    log.warn({ discovery: id, err: messageOf(error) }, 'a place could not be looked at');
    throw error;
  });
}

/**
 * Makes nodes of what was found and is not driven yet, over Redfish first where a machine answers to both. Reads everything
 * again, so that what an earlier life made is not made twice.
 */
async function enrolAll(side: Side, enrol: Enrol, step: StepContext, id: string): Promise<void> {
  const { store, sealer } = side;
  const discovery = await loadDiscovery(store, id);
  if (discovery === undefined || discovery.state !== 'running' || !discovery.wish.enroll) return;
  const sealed = discovery.login_sealed;
  const login = sealed === null ? null : sealer.open<{ username: string; password: string }>(sealed, LOGIN_AAD);
  for (const { seq, report } of await listUndriven(store, id)) {
    step.signal.throwIfAborted();
    step.lease.assertHeld();
    const driven = await drivenPlaces(store);
    const node = driven.get(keyOf(report)) ?? (await nodeOfMachine(store, report));
    if (node !== undefined) {
      await noteNode(store, seq, report, node, false);
      continue;
    }
    try {
      await noteNode(store, seq, report, await enrol(discovery, report, login?.password ?? null), true);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      report.notes.push(`No node was made: ${messageOf(error)}`);
      await noteNode(store, seq, report, null, false);
    }
  }
}

/** The place of a report as nodes have it. */
function keyOf({ driver_info: info }: BmcReport): string {
  const redfish = info['redfish_address'];
  return typeof redfish === 'string'
    ? redfishKey(redfish)
    : ipmiKey(String(info['ipmi_address']), Number(info['ipmi_port'] ?? 623));
}

function originOf(place: BmcPlace, port: number): string {
  const host = place.host.includes(':') ? `[${place.host}]` : place.host;
  return `${place.scheme ?? 'https'}://${host}:${port}`;
}
