import { errors } from '../../errors.ts';
import { readKernelParameters } from '../../model/kernel-parameters.ts';
import { defaultKickstart, type KickstartValues, renderKickstart } from '../../model/kickstart.ts';
import type { Node } from '../../model/node.ts';
import type { DriverCall, DriverStep, InstancePayload, StepOutcome } from '../contract.ts';
import type { AgentContext } from './context.ts';
import { errors as agentErrors } from './errors.ts';
import { instanceText } from './image-info.ts';
import { startInstance } from './ramdisk.ts';

/** An installer that said that it works may take this long, and as long again each time it says so. */
const INSTALL_MS = 3 * 3_600_000;
const LONGEST_MS = 12 * 3_600_000;
/** One that is over goes off by itself, its file systems in order. */
const OFF_MS = 30_000;
const LOOK_MS = 1_000;

const FILE = /^(https?|file):\/\//;
const WEB = /^https?:\/\//;

/** What Anaconda installs: an archive with `stage2` beside it, or a tree (`image_source` ends with a slash). */
interface Wish {
  kernel: string;
  initrd: string;
  word: string;
  source: Pick<KickstartValues, 'liveimg_url' | 'repo_url'>;
  template: string | undefined;
}

/** Throws 400 for an instance that lacks something. */
function wishOf(node: Node): Wish {
  const need = (key: string, form: RegExp): string => {
    const value = instanceText(node, key);
    if (value === undefined)
      throw errors.MissingParameterValue(`instance_info needs ${key}: the deploy interface anaconda installs with it.`);
    if (!form.test(value) || !URL.canParse(value))
      throw errors.InvalidParameterValue(`${key} in instance_info is no URL that can be used here.`);
    return new URL(value).href;
  };
  const image = need('image_source', WEB);
  const tree = image.endsWith('/');
  const stage2 = tree && instanceText(node, 'stage2') === undefined ? undefined : need('stage2', WEB);
  const template = instanceText(node, 'ks_template') === undefined ? undefined : need('ks_template', WEB);
  return {
    kernel: need('kernel', FILE),
    initrd: need('ramdisk', FILE),
    word: stage2 === undefined ? `inst.repo=${image}` : `inst.stage2=${stage2}`,
    source: tree ? { repo_url: image } : { liveimg_url: image },
    template,
  };
}

/** Refuses what cannot be installed before the machine is touched. */
export function validateAnaconda(context: AgentContext, node: Node): void {
  if (context.boot === undefined || node.interfaces.boot === 'external-pxe') {
    throw errors.InvalidParameterValue(
      'The deploy interface anaconda needs a boot interface that stands on the boot service: the kickstart is served there.',
    );
  }
  wishOf(node);
  readKernelParameters(node.instanceInfo['kernel_append_params']);
}

/**
 * The only step of the deploy interface `anaconda`: the installer boots with a kickstart that is served under the boot's
 * own URL, and tells by heartbeats with `agent_status` that it began, failed or is over.
 */
export function installByKickstart(context: AgentContext): DriverStep {
  const waits = (since: number): StepOutcome => ({
    kind: 'wait',
    for: 'agent',
    since,
    staysOn: true,
    what: 'install the system',
    moreMs: INSTALL_MS,
    longestMs: LONGEST_MS,
  });
  const begin = async (call: DriverCall): Promise<StepOutcome> => {
    await call.power.off();
    await call.interfaces.network.flip(call, 'provisioning');
    await call.interfaces.boot.prepareInstance(call, await payload(context, call));
    const since = context.clock.now();
    await call.power.on();
    return waits(since);
  };
  const goOn = async (call: DriverCall): Promise<StepOutcome> => {
    const said = await context.records.said(call.node);
    if (said === undefined) return await begin(call);
    if (failed(said.status)) throw agentErrors.InstallFailed(said.message ?? 'it did not say why');
    if (said.status !== 'end') return waits(context.clock.now() - said.heardAgoMs);
    await untilOff(context, call);
    await startInstance(call);
    return { kind: 'done' };
  };
  return {
    interface: 'deploy',
    step: 'deploy',
    priority: 100,
    kinds: ['deploy'],
    requiresRamdisk: false,
    abortable: true,
    run: (call) => (call.resumed ? goOn(call) : begin(call)),
    async look(call) {
      const said = await context.records.said(call.node);
      if (said === undefined) return 'unknown';
      if (failed(said.status)) throw agentErrors.InstallFailed(said.message ?? 'it did not say why');
      return said.status === 'end' ? 'over' : 'running';
    },
    resume: goOn,
  };
}

const failed = (status: string) => status === 'error';

async function payload(context: AgentContext, call: DriverCall): Promise<InstancePayload> {
  const { node } = call;
  const wish = wishOf(node);
  const values: KickstartValues = {
    ...wish.source,
    agent_token: await context.records.issue(node),
    heartbeat_url: `${context.boot?.callbackUrl}/v1/heartbeat/${node.uuid}`,
  };
  const template =
    wish.template === undefined ? defaultKickstart(values) : await context.fetchText(wish.template, call.signal);
  return {
    kind: 'linux',
    kernel: wish.kernel,
    initrd: wish.initrd,
    parameters: ['inst.text', wish.word, ...readKernelParameters(node.instanceInfo['kernel_append_params'])],
    kickstart: renderKickstart(template, values),
  };
}

/** A template of the tenant's may end otherwise: then it is switched off. */
async function untilOff(context: AgentContext, call: DriverCall): Promise<void> {
  const deadline = context.clock.monotonic() + OFF_MS;
  while (context.clock.monotonic() < deadline) {
    if ((await call.interfaces.power.get(call)) === 'power off') return;
    await context.clock.sleep(LOOK_MS, call.signal);
  }
}
