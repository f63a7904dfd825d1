// Generated from the route table of introspection by `npm run generate`; a check compares. Do not edit.
import type { Operation } from '../operation.ts';

export interface Introspection {
  uuid: string;
  state: string;
  finished: boolean;
  error: string | null;
  started_at: string | null;
  finished_at: string | null;
  links: ({ href: string; rel: string; })[];
}

export interface IntrospectionListQuery {
  limit?: number | undefined;
  marker?: string | undefined;
  state?: string | undefined;
}

export interface IntrospectionListResponse {
  introspection: Introspection[];
}

export interface IntrospectionStartQuery {
  manage_boot?: boolean | undefined;
}

export interface IntrospectionRuleListResponse {
  rules: ({ uuid: string; description: string | null; scope: string | null; conditions?: Record<string, unknown>[] | undefined; actions?: Record<string, unknown>[] | undefined; links: ({ href: string; rel: string; })[]; })[];
}

export interface IntrospectionRuleCreateBody {
  uuid?: string | null | undefined;
  description?: string | null | undefined;
  scope?: string | null | undefined;
  conditions?: Record<string, unknown>[] | undefined;
  actions: Record<string, unknown>[];
}

export interface IntrospectionRuleCreateResponse {
  uuid: string;
  description: string | null;
  scope: string | null;
  conditions?: Record<string, unknown>[] | undefined;
  actions?: Record<string, unknown>[] | undefined;
  links: ({ href: string; rel: string; })[];
}

export interface IntrospectionContinueResponse {
  uuid: string;
}

/** Every operation of the service, by name. */
export const introspection = {
  /** Show the versions */
  introspectionRoot: { id: 'introspection.root', method: 'GET', path: '/introspection/' } as Operation<undefined, undefined, undefined, Record<string, unknown>>,
  /** Show the resources */
  introspectionV1: { id: 'introspection.v1', method: 'GET', path: '/introspection/v1' } as Operation<undefined, undefined, undefined, Record<string, unknown>>,
  /** List inspections */
  introspectionList: { id: 'introspection.list', method: 'GET', path: '/introspection/v1/introspection' } as Operation<undefined, IntrospectionListQuery, undefined, IntrospectionListResponse>,
  /** Inspect a node */
  introspectionStart: { id: 'introspection.start', method: 'POST', path: '/introspection/v1/introspection/:node' } as Operation<{ node: string }, IntrospectionStartQuery, undefined, unknown>,
  /** Show how the inspection of a node stands */
  introspectionShow: { id: 'introspection.show', method: 'GET', path: '/introspection/v1/introspection/:node' } as Operation<{ node: string }, undefined, undefined, Introspection>,
  /** Abort an inspection */
  introspectionAbort: { id: 'introspection.abort', method: 'POST', path: '/introspection/v1/introspection/:node/abort' } as Operation<{ node: string }, undefined, undefined, unknown>,
  /** Show what was found */
  introspectionData: { id: 'introspection.data', method: 'GET', path: '/introspection/v1/introspection/:node/data' } as Operation<{ node: string }, undefined, undefined, Record<string, unknown>>,
  /** Show what rules are applied to again */
  introspectionUnprocessed: { id: 'introspection.unprocessed', method: 'GET', path: '/introspection/v1/introspection/:node/data/unprocessed' } as Operation<{ node: string }, undefined, undefined, Record<string, unknown>>,
  /** Apply what was found, and the rules, again */
  introspectionReapply: { id: 'introspection.reapply', method: 'POST', path: '/introspection/v1/introspection/:node/data/unprocessed' } as Operation<{ node: string }, undefined, Record<string, unknown>, unknown>,
  /** List rules */
  introspectionRuleList: { id: 'introspection.rule.list', method: 'GET', path: '/introspection/v1/rules' } as Operation<undefined, undefined, undefined, IntrospectionRuleListResponse>,
  /** Create a rule */
  introspectionRuleCreate: { id: 'introspection.rule.create', method: 'POST', path: '/introspection/v1/rules' } as Operation<undefined, undefined, IntrospectionRuleCreateBody, IntrospectionRuleCreateResponse>,
  /** Delete all rules */
  introspectionRuleDeleteAll: { id: 'introspection.rule.delete_all', method: 'DELETE', path: '/introspection/v1/rules' } as Operation<undefined, undefined, undefined, unknown>,
  /** Show a rule */
  introspectionRuleShow: { id: 'introspection.rule.show', method: 'GET', path: '/introspection/v1/rules/:rule' } as Operation<{ rule: string }, undefined, undefined, IntrospectionRuleCreateResponse>,
  /** Delete a rule */
  introspectionRuleDelete: { id: 'introspection.rule.delete', method: 'DELETE', path: '/introspection/v1/rules/:rule' } as Operation<{ rule: string }, undefined, undefined, unknown>,
  /** Take the report of a ramdisk */
  introspectionContinue: { id: 'introspection.continue', method: 'POST', path: '/introspection/v1/continue' } as Operation<undefined, undefined, Record<string, unknown>, IntrospectionContinueResponse>,
};
