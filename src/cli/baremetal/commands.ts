import { createMany } from './actions/create-many.ts';
import { allocationCommands } from './nouns/allocations.ts';
import { chassisCommands } from './nouns/chassis.ts';
import { conductorCommands } from './nouns/conductors.ts';
import { driverCommands } from './nouns/drivers.ts';
import { inspectionRuleCommands } from './nouns/inspection-rules.ts';
import { nodeRecordCommands } from './nouns/node-records.ts';
import { nodeVerbCommands } from './nouns/node-verbs.ts';
import { portgroupCommands } from './nouns/portgroups.ts';
import { portCommands } from './nouns/ports.ts';
import { runbookCommands, templateCommands } from './nouns/step-records.ts';
import { volumeCommands } from './nouns/volumes.ts';
import type { CommandSpec } from './spec.ts';

/** Every command of `ingot baremetal`: the nouns and verbs of `openstack baremetal`. */
export const BAREMETAL_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'create',
    about: 'Create chassis, nodes, port groups and ports from files',
    args: [{ name: 'files', about: 'JSON or YAML files with chassis and nodes', many: true }],
    action: { do: 'own', run: createMany },
  },
  ...nodeRecordCommands,
  ...nodeVerbCommands,
  ...portCommands,
  ...portgroupCommands,
  ...allocationCommands,
  ...driverCommands,
  ...conductorCommands,
  ...chassisCommands,
  ...templateCommands,
  ...runbookCommands,
  ...inspectionRuleCommands,
  ...volumeCommands,
];

/** What each noun is, for the help. */
export const NOUNS: Readonly<Record<string, string>> = {
  node: 'Machines and what is done with them',
  port: 'Network ports of nodes, and groups of them',
  allocation: 'Requests for a node',
  driver: 'Hardware types',
  conductor: 'Processes that look after nodes',
  shard: 'Shares of the fleet',
  chassis: 'Chassis nodes are in',
  deploy: 'Deploy templates',
  runbook: 'Steps that may be run by name',
  inspection: 'Inspection rules',
  volume: 'Volume connectors and targets of nodes',
};
