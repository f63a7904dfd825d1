// Generated from the route table of imagedata by `npm run generate`; a check compares. Do not edit.
import type { Operation } from '../operation.ts';

export interface DataPeersBody {
  node_uuid: string;
  url: string;
  verify_ca: string;
  secret: string;
  have: string;
  want: number[];
  leaving?: boolean | undefined;
}

export interface CaptureMissingBody {
  hashes: string[];
}

/** Every operation of the service, by name. */
export const imagedata = {
  /** The raw disk */
  dataRaw: { id: 'data.raw', method: 'GET', path: '/image-data/:nonce/raw' } as Operation<{ nonce: string }, undefined, undefined, unknown>,
  /** The blocks of the disk */
  dataManifest: { id: 'data.manifest', method: 'GET', path: '/image-data/:nonce/manifest' } as Operation<{ nonce: string }, undefined, undefined, unknown>,
  /** Says what a machine has, and hears who has what */
  dataPeers: { id: 'data.peers', method: 'POST', path: '/image-data/:nonce/manifest/peers' } as Operation<{ nonce: string }, undefined, DataPeersBody, unknown>,
  /** A block of the disk */
  dataBlock: { id: 'data.block', method: 'GET', path: '/image-data/:nonce/blocks/:hash' } as Operation<{ nonce: string; hash: string }, undefined, undefined, unknown>,
  /** The blocks of the capture before */
  captureParent: { id: 'capture.parent', method: 'GET', path: '/image-data/:nonce/parent' } as Operation<{ nonce: string }, undefined, undefined, unknown>,
  /** Which blocks are not stored yet */
  captureMissing: { id: 'capture.missing', method: 'POST', path: '/image-data/:nonce/missing' } as Operation<{ nonce: string }, undefined, CaptureMissingBody, unknown>,
  /** Stores a block */
  captureBlock: { id: 'capture.block', method: 'PUT', path: '/image-data/:nonce/blocks/:hash' } as Operation<{ nonce: string; hash: string }, undefined, undefined, unknown>,
  /** Says that all blocks are there */
  captureManifest: { id: 'capture.manifest', method: 'PUT', path: '/image-data/:nonce/manifest' } as Operation<{ nonce: string }, undefined, undefined, unknown>,
};
