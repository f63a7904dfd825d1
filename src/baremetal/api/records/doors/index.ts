import type { RecordDoor } from '../door.ts';
import { chassisDoor } from './chassis.ts';
import { inspectionRuleDoor } from './inspection-rules.ts';
import { portgroupDoor } from './portgroups.ts';
import { portDoor } from './ports.ts';
import { runbookDoor } from './runbooks.ts';
import { deployTemplateDoor } from './templates.ts';
import { connectorDoor, targetDoor } from './volumes.ts';

/** Every kind of record that stands beside nodes and is kept by the common verbs. */
export const recordDoors: readonly RecordDoor[] = [
  chassisDoor,
  portDoor,
  portgroupDoor,
  connectorDoor,
  targetDoor,
  deployTemplateDoor,
  runbookDoor,
  inspectionRuleDoor,
];
