import type { AgentNodeView } from '#agent-api/wire';
import type { AgentStep, StepPhase } from '#agent-api/steps';
import { messageOf } from '#kernel/errors';
import type { AgentSelf } from '../agent.ts';
import { async_, type Extension, type Params, sync } from '../commands/command.ts';
import { isObject, objectOf } from '../commands/parameters.ts';
import { errors } from '../errors.ts';
import { MANAGER, MANAGER_NAME } from '../generic-hardware.ts';
import type { StepDefinition } from '../steps/step-table.ts';

const VERSION = { [MANAGER.name]: MANAGER.version };

/** `clean`, `deploy` or `service`: the steps of a phase, and running one. */
export function stepExtension(phase: StepPhase, table: readonly StepDefinition[], self: AgentSelf): Extension {
  const mine = table.filter((definition) => definition.phases.includes(phase));
  const believe = (params: Params): AgentNodeView => {
    const node = objectOf(params, 'node') as unknown as AgentNodeView;
    if (typeof node.uuid === 'string') self.setNode(node);
    return node;
  };
  return {
    [`get_${phase}_steps`]: sync(async (params) => {
      believe(params);
      const steps: AgentStep[] = mine.map((definition) => definition.step);
      return { [`${phase}_steps`]: { [MANAGER_NAME]: steps }, hardware_manager_version: VERSION };
    }),
    [`execute_${phase}_step`]: async_(async (params, run) => {
      const node = believe(params);
      mustBeSame(params[`${phase}_version`]);
      const wish = objectOf(params, 'step');
      const definition = mine.find((other) => other.step.step === wish['step']);
      if (definition === undefined) throw errors.StepUnknown(String(wish['step']));
      const args = isObject(wish['args']) ? wish['args'] : {};
      run.log.info('step starts', { phase, step: definition.step.step });
      try {
        const result = await definition.run(args, node as unknown as Params, run);
        return { [`${phase}_result`]: result, [`${phase}_step`]: wish };
      } catch (error) {
        run.log.warn('step failed', { phase, step: definition.step.step, error: messageOf(error) });
        throw error;
      }
    }),
  };
}

/** Another version of the steps than the phase began with: it must begin anew. */
function mustBeSame(version: unknown): void {
  if (version === undefined || version === null) return;
  const theirs = isObject(version) ? version : {};
  const same = Object.keys(theirs).length === 1 && theirs[MANAGER.name] === MANAGER.version;
  if (!same) throw errors.VersionMismatch(JSON.stringify(VERSION), JSON.stringify(version));
}
