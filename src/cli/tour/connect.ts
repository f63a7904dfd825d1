import { homedir } from 'node:os';
import { type Client, connect } from '#sdk/client';
import { findCloud } from '#sdk/cloud';

/** Connections to the one cloud of a clouds.yaml that `ingot up` has just written. */
export async function connectTo(cloudsFile: string): Promise<Client> {
  const env = { OS_CLIENT_CONFIG_FILE: cloudsFile };
  const cloud = await findCloud({ env, name: 'ingot', cwd: '/', home: homedir() });
  if (cloud === undefined) throw new Error(`${cloudsFile} names no cloud`);
  return connect(cloud, { userAgent: 'ingot-tour' });
}

export type { Client };
