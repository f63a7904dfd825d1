// Generated from the route table of policy by `npm run generate`; a check compares. Do not edit.
import type { Operation } from '../operation.ts';

export interface PolicyExplainQuery {
  rule: string;
  target_type?: string | undefined;
  target?: string | undefined;
  user?: string | undefined;
  project?: string | undefined;
  domain?: string | undefined;
  system?: boolean | undefined;
}

/** Every operation of the service, by name. */
export const policy = {
  /** List the rules in force */
  policyList: { id: 'policy.list', method: 'GET', path: '/policy/rules' } as Operation<undefined, undefined, undefined, unknown>,
  /** Why something is allowed, or not */
  policyExplain: { id: 'policy.explain', method: 'GET', path: '/policy/explain' } as Operation<undefined, PolicyExplainQuery, undefined, unknown>,
};
