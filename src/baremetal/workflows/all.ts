import { adopt } from './adopt/adopt.ts';
import { clean } from './clean/clean.ts';
import { deploy } from './deploy/deploy.ts';
import { type OperationName, STATES } from '../states/table.ts';
import { mendWith } from './mend/mend.ts';
import { inspect } from './inspect/inspect.ts';
import { reapply } from './inspect/reapply.ts';
import type { Operation } from './operation.ts';
import { rescue } from './rescue/rescue.ts';
import { endService, service } from './service/service.ts';
import { undeploy } from './undeploy/undeploy.ts';
import { unrescue } from './unrescue/unrescue.ts';
import { verify } from './verify/verify.ts';

const BY_STATE: { readonly [N in OperationName]: Operation } = {
  verify,
  inspect,
  clean,
  deploy,
  undeploy,
  rescue,
  unrescue,
  service,
  adopt,
};

/** Every operation, by name. */
export const OPERATIONS: { readonly [N in Operation['name']]: Operation } = {
  ...BY_STATE,
  'end-service': endService,
  reapply,
  mend: mendWith((segment) => {
    const { operation } = STATES[segment.node.provisionState];
    return operation === null ? undefined : BY_STATE[operation].fail;
  }),
};
