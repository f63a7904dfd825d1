import { listenOnce, parseAddress, whyNoListening } from '#platform/address';
import { bad, type Finding, good } from './finding.ts';

/** Is the API's port free? `running`: the process that owns the data directory, which then holds the port rightly. */
export async function portFinding(listen: string, running: number | undefined): Promise<Finding> {
  const error = await listenOnce(parseAddress(listen));
  if (error === undefined) return good('API port', `${listen} is free`);
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE' && running !== undefined) {
    return good('API port', `${listen} is used by the Ingot that runs here (pid ${running})`);
  }
  const { why, remedy } = whyNoListening(error);
  return bad('API port', `${listen}: ${why}`, remedy);
}
