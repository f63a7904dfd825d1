import { abortedText } from '../../model/aborted.ts';
import { Cleanup } from '../cleanup.ts';
import { type Failure, failureText, type Operation, type PhaseOutcome } from '../operation.ts';
import type { Segment } from '../segment.ts';
import { hide, stepsPhase } from '../steps/phase.ts';
import { validate } from '../validate.ts';
import { deploySteps } from './steps.ts';

/** Available, or an instance to be rebuilt → active. */
export const deploy: Operation = {
  name: 'deploy',
  version: 1,
  limit: 'deploy',
  historyType: 'provisioning',
  phases: [{ name: 'prepare', run: prepare }, stepsPhase('deploy', deploySteps), { name: 'finish', run: finish }],
  fail: (segment, _input, failure) => failDeploy(segment, failure),
};

async function prepare(segment: Segment): Promise<PhaseOutcome> {
  await validate(segment, 'power', 'deploy', 'boot', 'network', 'storage');
  await segment.interfaces.deploy.prepare(segment.call('deploy', segment.resumed));
  return { kind: 'next' };
}

async function finish(segment: Segment): Promise<PhaseOutcome> {
  const { node, interfaces } = segment;
  if (node.consoleEnabled && interfaces.console.enabled) await interfaces.console.start(segment.call('deploy'));
  await segment.end('done', { set: { deploy_step: {} } });
  return { kind: 'over' };
}

/** The machine is left off and on no network: what stands on its disks is nobody's yet. */
async function failDeploy(segment: Segment, failure: Failure): Promise<void> {
  const { side, interfaces } = segment;
  const cleanup = new Cleanup(segment);
  await cleanup.attempt('clean up', () => interfaces.deploy.cleanUp(segment.call('deploy')));
  if (side.config.powerOffAfterDeployFailure) {
    await cleanup.attempt('power off', () => segment.power.off());
    await cleanup.attempt('unplug the networks', () => interfaces.network.flip(segment.call('deploy'), 'nothing'));
  }
  const text = cleanup.sentence(failure.kind === 'aborted' ? abortedText('deploy') : failureText(failure));
  hide(segment, 'deploy');
  await segment.conclude(text, { deploy_step: {} });
}
