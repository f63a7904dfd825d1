import { adopt } from './adopt/adopt.ts';
import { clean } from './clean/clean.ts';
import { deploy } from './deploy/deploy.ts';
import { inspect } from './inspect/inspect.ts';
import type { Operation } from './operation.ts';
import { rescue } from './rescue/rescue.ts';
import { endService, service } from './service/service.ts';
import { undeploy } from './undeploy/undeploy.ts';
import { unrescue } from './unrescue/unrescue.ts';
import { verify } from './verify/verify.ts';

/** Every operation, by name. */
export const OPERATIONS: { readonly [N in Operation['name']]: Operation } = {
  verify,
  inspect,
  clean,
  deploy,
  undeploy,
  rescue,
  unrescue,
  service,
  adopt,
  'end-service': endService,
};
