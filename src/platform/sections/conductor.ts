import { flag, list, optionalText, section, text, whole } from './fields.ts';

export const conductorSettings = section('The part that works on machines.', {
  host: optionalText({
    pattern: '^[A-Za-z0-9._-]{1,255}$',
    description: 'Name of this conductor; must stay the same over restarts. None: the host name.',
  }),
  group: text({
    default: '',
    pattern: '^[a-zA-Z0-9._-]{0,255}$',
    flag: '--conductor-group',
    description: 'The group of nodes this conductor works on.',
  }),
  enabled_hardware_types: list({
    default: ['redfish', 'ipmi', 'fake-hardware'],
    items: ['redfish', 'ipmi', 'fake-hardware'],
    description: 'Kinds of machines this conductor drives.',
  }),
  automated_clean: flag({ default: true, description: 'Clean nodes by themselves before they are offered.' }),
  power_off_after_deploy_failure: flag({
    default: true,
    description: 'Switch a machine off when deploying it failed.',
  }),
  power_sync_every_s: whole({
    default: 120,
    minimum: 0,
    maximum: 86_400,
    description: 'Seconds between two looks at the power state of each machine. 0: never.',
  }),
  power_sync_force: flag({
    default: false,
    description: 'Put a machine back into the power state that was recorded, instead of recording what it is in.',
  }),
});
