import { PROVISION_STATES, type ProvisionEvent, type ProvisionState } from '#baremetal/states/names';
import { STATES } from '#baremetal/states/table';
import { VERB_TARGETS, VERBS, verbsIn } from '#baremetal/states/verbs';

/** `docs/states.md`: the provisioning machine as people read it, made from the table the program runs on. */
export function statesPage(): string {
  return [
    '# The provisioning states of a node',
    '',
    'Made from `src/baremetal/states/table.ts` by `npm run generate`; do not edit.',
    '',
    ...diagram(),
    '',
    'Solid names in capitals are verbs of people (`PUT /v1/nodes/{node}/states/provision`); the others are events of the',
    'operation at work.',
    '',
    '| state | kind | time limit | verbs | events |',
    '|---|---|---|---|---|',
    ...PROVISION_STATES.map(row),
    '',
    'Verbs and the microversion that brought them:',
    '',
    ...VERB_TARGETS.map((target) => `- \`${target}\`: 1.${VERBS[target].since}${later(target)}`),
    '',
  ].join('\n');
}

const id = (state: ProvisionState): string => state.replaceAll(/[ -]/g, '_');

function diagram(): string[] {
  const lines = ['```mermaid', 'stateDiagram-v2', '  [*] --> enroll'];
  for (const state of PROVISION_STATES) {
    if (id(state) !== state) lines.push(`  state "${state}" as ${id(state)}`);
  }
  for (const state of PROVISION_STATES) {
    for (const [event, to] of Object.entries(STATES[state].on)) {
      lines.push(
        `  ${id(state)} --> ${id(to)}: ${human(state, event as ProvisionEvent) ? event.toUpperCase() : event}`,
      );
    }
  }
  lines.push('```');
  return lines;
}

function human(state: ProvisionState, event: ProvisionEvent): boolean {
  return verbsIn(state).some((target) => VERBS[target].event === event);
}

function row(state: ProvisionState): string {
  const { kind, limitMs, on } = STATES[state];
  const limit = limitMs === null ? 'none' : `${limitMs / 60_000} min`;
  const verbs = verbsIn(state).map((target) => `\`${target}\``);
  const events = Object.entries(on)
    .filter(([event]) => !human(state, event as ProvisionEvent))
    .map(([event, to]) => `${event} → ${to}`);
  return `| ${state} | ${kind} | ${limit} | ${verbs.join(', ')} | ${events.join('; ')} |`;
}

function later(target: (typeof VERB_TARGETS)[number]): string {
  const exceptions = Object.entries(VERBS[target].sinceIn ?? {});
  return exceptions.map(([state, minor]) => `, in \`${state}\` 1.${minor}`).join('');
}
