// Generated from the route table of console by `npm run generate`; a check compares. Do not edit.
import type { Operation } from '../operation.ts';

export interface Console {
  console: { node: string; interface: string; enabled: boolean; serial: boolean; screen: boolean; state: string; detail: string | null; changed_at: string | null; conductor: string | null; };
}

export interface ConsoleLogQuery {
  since?: string | undefined;
  until?: string | undefined;
  tail?: number | undefined;
  follow?: boolean | undefined;
  format?: string | undefined;
}

export interface ConsoleSearchQuery {
  text: string;
  since?: string | undefined;
  until?: string | undefined;
  limit?: number | undefined;
}

export interface ConsoleSearchResponse {
  lines: ({ at: string; kind: "output" | "note"; text: string; })[];
  more: boolean;
}

export interface ConsoleSessionCreateBody {
  kind?: "serial" | "screen" | undefined;
  mode?: "write" | "read" | undefined;
}

export interface ConsoleSessionCreateResponse {
  session: { id: string; token: string; url: string; page: string; kind: string; mode: string; expires_at: string; };
}

export interface ConsoleSessionListResponse {
  sessions: ({ id: string; kind: string; mode: string; user: string; writes: boolean; })[];
}

/** Every operation of the service, by name. */
export const console = {
  /** Show how it goes with the console of a node */
  consoleShow: { id: 'console.show', method: 'GET', path: '/console/v1/nodes/:node_ident' } as Operation<{ node_ident: string }, undefined, undefined, Console>,
  /** Read what the console recorded */
  consoleLog: { id: 'console.log', method: 'GET', path: '/console/v1/nodes/:node_ident/log' } as Operation<{ node_ident: string }, ConsoleLogQuery, undefined, unknown>,
  /** Find lines of the recording that hold a text */
  consoleSearch: { id: 'console.search', method: 'GET', path: '/console/v1/nodes/:node_ident/search' } as Operation<{ node_ident: string }, ConsoleSearchQuery, undefined, ConsoleSearchResponse>,
  /** Ask for an interactive session */
  consoleSessionCreate: { id: 'console.session.create', method: 'POST', path: '/console/v1/nodes/:node_ident/sessions' } as Operation<{ node_ident: string }, undefined, ConsoleSessionCreateBody, ConsoleSessionCreateResponse>,
  /** List who is connected */
  consoleSessionList: { id: 'console.session.list', method: 'GET', path: '/console/v1/nodes/:node_ident/sessions' } as Operation<{ node_ident: string }, undefined, undefined, ConsoleSessionListResponse>,
  /** End a session */
  consoleSessionEnd: { id: 'console.session.end', method: 'DELETE', path: '/console/v1/nodes/:node_ident/sessions/:session_id' } as Operation<{ node_ident: string; session_id: string }, undefined, undefined, unknown>,
};
