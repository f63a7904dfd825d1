import { deployTemplateKind } from '../../../app/records/kinds/templates.ts';
import { DEPLOY_TEMPLATES } from '../../versions/beside.ts';
import type { RecordDoor } from '../door.ts';

export const deployTemplateDoor: RecordDoor = {
  noun: 'deploy-template',
  a: 'a deploy template',
  many: 'deploy templates',
  path: '/v1/deploy_templates',
  param: 'template_ident',
  table: DEPLOY_TEMPLATES,
  kind: deployTemplateKind,
  since: 55,
  below: 405,
  detail: false,
  required: ['name', 'steps'],
  listRules: { rule: 'baremetal:deploy_template:get' },
  filters: {},
};
