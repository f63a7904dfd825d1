import type { Resource } from '../resource.ts';
import { accountResources } from './accounts.ts';
import { biosResources } from './bios.ts';
import { bootResources } from './boot.ts';
import { chassisResources } from './chassis.ts';
import { eventResources } from './events.ts';
import { inventoryResources } from './inventory.ts';
import { logResources } from './logs.ts';
import { managerResources } from './manager.ts';
import { serviceRootResources } from './service-root.ts';
import { secureBootResources } from './secure-boot.ts';
import { sessionResources } from './sessions.ts';
import { dellRaidResources } from './dell-raid.ts';
import { storageResources } from './storage.ts';
import { systemResources } from './system.ts';
import { taskResources } from './tasks.ts';
import { telemetryResources } from './telemetry.ts';
import { updateResources } from './update.ts';
import { virtualMediaResources } from './virtual-media.ts';

/** Everything a lab BMC serves over Redfish. */
export const allResources: readonly Resource[] = [
  ...serviceRootResources,
  ...sessionResources,
  ...accountResources,
  ...systemResources,
  ...bootResources,
  ...secureBootResources,
  ...biosResources,
  ...inventoryResources,
  ...storageResources,
  ...dellRaidResources,
  ...managerResources,
  ...virtualMediaResources,
  ...chassisResources,
  ...updateResources,
  ...taskResources,
  ...eventResources,
  ...logResources,
  ...telemetryResources,
];
