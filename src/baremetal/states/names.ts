/** Provision states that are stored, in Ironic's words (`ironic/common/states.py`). */
export const PROVISION_STATES = [
  'enroll',
  'verifying',
  'manageable',
  'inspecting',
  'inspect wait',
  'inspect failed',
  'cleaning',
  'clean wait',
  'clean hold',
  'clean failed',
  'available',
  'deploying',
  'wait call-back',
  'deploy hold',
  'deploy failed',
  'active',
  'deleting',
  'error',
  'adopting',
  'adopt failed',
  'rescuing',
  'rescue wait',
  'rescue',
  'rescue failed',
  'unrescuing',
  'unrescue failed',
  'servicing',
  'service wait',
  'service hold',
  'service failed',
] as const;

export type ProvisionState = (typeof PROVISION_STATES)[number];

/** Power states the API shows. */
export const POWER_STATES = [
  'power on',
  'power off',
  'rebooting',
  'soft rebooting',
  'soft power off',
  'error',
] as const;

export type PowerState = (typeof POWER_STATES)[number];

/** What can happen to a node; see `table.ts`. */
export type ProvisionEvent =
  | 'manage'
  | 'provide'
  | 'inspect'
  | 'clean'
  | 'adopt'
  | 'deploy'
  | 'rebuild'
  | 'delete'
  | 'rescue'
  | 'unrescue'
  | 'service'
  | 'abort'
  | 'unhold'
  | 'hold'
  | 'wait'
  | 'resume'
  | 'done'
  | 'fail';
