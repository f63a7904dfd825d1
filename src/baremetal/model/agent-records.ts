import type { Secret } from '#kernel/secret';
import type { Document, Node } from './node.ts';
import type { Proof } from './proof.ts';

/** The ramdisk that runs on a node for its present operation. */
export interface AgentRecord {
  url: string;
  token: Secret;
  certificate: string | null;
  version: string | null;
  /** Milliseconds since it called. */
  heardAgoMs: number;
  /** Milliseconds since somebody with the node's MAC asked for a token that was given away; null: nobody did. */
  secondLookupAgoMs: number | null;
}

/** What drivers that work through a ramdisk read and keep. Given to them, since drivers know no database. */
export interface AgentRecords {
  /** Undefined: none has called for this operation. */
  of(node: Node): Promise<AgentRecord | undefined>;
  /** Gives the node a token for its present operation, for who cannot look it up: an installer. The last one is void. */
  issue(node: Node): Promise<string>;
  /** What an installer with that token said last; undefined when it has not called. */
  said(node: Node): Promise<{ status: string; message: string | null; heardAgoMs: number } | undefined>;
  /**
   * Did a ramdisk call, or send its report, in the last `withinMs`? Also of one whose token is worth nothing any
   * more.
   */
  called(nodeUuid: string, withinMs: number): Promise<boolean>;
  /** The node's ports as a ramdisk is told of them. */
  ports(nodeUuid: string): Promise<Document[]>;
  /** The report of an inspection ramdisk, come in the last `withinMs` (null: whenever); undefined when there is none. */
  report(nodeUuid: string, withinMs: number | null): Promise<{ inventory: Document; pluginData: Document } | undefined>;
  /** Nobody speaks to the node's agent any more: its token is worth nothing. */
  forget(node: Node): Promise<void>;
  /** How far what its agent waits for is, in the words of an agent; null: it waits for nothing more. */
  tell(node: Node, progress: Document | null): Promise<void>;
  /** Its agent stays after the operation, with a new token, for the next one. */
  keepWarm(node: Node, token: string): Promise<void>;
  /** Takes an agent that waits over for the node's operation. True when there is one that called in the last `withinMs`. */
  adopt(node: Node, withinMs: number): Promise<boolean>;
  keepProofs(node: Node, conductor: string, proofs: readonly Proof[]): Promise<void>;
}
