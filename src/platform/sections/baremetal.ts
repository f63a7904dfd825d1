import { Type } from 'typebox';
import { flag, list, optionalText, section, text, whole } from './fields.ts';

const STEP = '^[a-z]+\\.[a-z0-9_]+$';

export const baremetalSettings = section('The Bare Metal API.', {
  default_conductor_group: text({
    default: '',
    pattern: '^[a-zA-Z0-9._-]{0,255}$',
    description: 'Conductor group of nodes enrolled without one.',
  }),
  default_resource_class: optionalText({
    pattern: '^.{1,80}$',
    description: 'Resource class of nodes enrolled without one.',
  }),
  allow_deleting_available_nodes: flag({
    default: true,
    description: 'May a node that is offered be deleted?',
  }),
  project_admin_can_manage_own_nodes: flag({
    default: true,
    description: "May a project's administrator enrol and delete nodes the project owns?",
  }),
  disallowed_enrollment_boot_modes: list({
    default: [],
    items: ['uefi', 'bios'],
    description: 'Boot modes that enrolment refuses.',
  }),
  disallowed_clean_steps: Type.Array(Type.String({ pattern: STEP }), {
    default: ['vendor.send_raw'],
    allowed: 'a list of steps, such as ["vendor.send_raw"]',
    description: 'Steps that requests for cleaning may not name.',
  }),
  disallowed_deploy_steps: Type.Array(Type.String({ pattern: STEP }), {
    default: ['vendor.send_raw'],
    allowed: 'a list of steps, such as ["vendor.send_raw"]',
    description: 'Steps that requests for deploying may not name.',
  }),
  disallowed_service_steps: Type.Array(Type.String({ pattern: STEP }), {
    default: ['vendor.send_raw'],
    allowed: 'a list of steps, such as ["vendor.send_raw"]',
    description: 'Steps that requests for servicing may not name.',
  }),
  driver_call_deadline_s: whole({
    default: 60,
    minimum: 1,
    maximum: 600,
    description: 'Seconds a call of a driver that a client waits for may take.',
  }),
  require_agent_tls: flag({
    default: true,
    description: 'Refuse ramdisk agents that can be called by plain HTTP only.',
  }),
});
