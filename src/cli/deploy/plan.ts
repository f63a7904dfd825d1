import type { Client } from '#sdk/client';
import { baremetal } from '#sdk/generated/baremetal';
import { shownSeconds } from '../node/draw.ts';
import { harmless } from '../output/cell.ts';

/** The answer of `POST /v1/nodes/{node}/deploy_plan`. */
export interface Plan {
  node: string;
  ready: boolean;
  checks: { what: string; ok: boolean | null; said: string }[];
  steps: { interface: string; step: string; priority: number }[];
  estimate: { seconds: number; from: string; parts: { what: string; seconds: number }[] } | null;
}

/** Asks what a deploy would do. */
export async function readPlan(client: Client, node: string, instance: Record<string, unknown>): Promise<Plan> {
  return (await client.baremetal.loose(baremetal.nodeDeployPlan, {
    params: { node_ident: node },
    body: { instance_info: instance },
  })) as Plan;
}

/** A plan for people: what is there, what is missing, what would be done, how long. */
export function printPlan(name: string, plan: Plan): string {
  const mark = (ok: boolean | null) => (ok === null ? '?  ' : ok ? 'ok ' : 'NO ');
  const lines = [
    `${harmless(name)} ${plan.ready ? 'can be deployed' : 'cannot be deployed yet'}:`,
    ...plan.checks.map((check) => `  ${mark(check.ok)} ${harmless(check.what)}: ${harmless(check.said)}`),
    'It would do:',
    ...plan.steps.map((step) => `  ${String(step.priority).padStart(4)}  ${step.interface}.${step.step}`),
  ];
  if (plan.estimate === null) lines.push('How long it takes nobody knows: nothing like it was deployed yet.');
  else {
    lines.push(`It takes about ${shownSeconds(plan.estimate.seconds)}, going by ${harmless(plan.estimate.from)}:`);
    for (const part of plan.estimate.parts)
      lines.push(`  ${shownSeconds(part.seconds).padStart(10)}  ${harmless(part.what)}`);
  }
  return `${lines.join('\n')}\n`;
}
