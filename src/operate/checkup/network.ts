import { API_LISTENER, type Listener, listenOnce, parseAddress, whyNoListening } from '#platform/address';
import type { Config } from '#platform/settings';
import { bad, type Finding, good } from './finding.ts';

/** Are the ports free? `running`: the process that owns the data directory, which then holds them rightly. */
export async function portFindings(
  { api, conductor, general }: Config,
  running: number | undefined,
): Promise<Finding[]> {
  const ramdisk: Listener = { name: 'Ramdisk port', flag: '--ramdisk-listen' };
  const events: Listener = { name: 'Port for events of BMCs', flag: '--events-listen' };
  const status: Listener = { name: 'Status port', flag: '--status-listen' };
  const wanted = [
    { listener: { ...API_LISTENER, name: 'API port' }, listen: api.listen },
    { listener: ramdisk, listen: api.ramdisk_listen },
    { listener: events, listen: conductor.events_listen },
    { listener: status, listen: general.status_listen },
  ];
  const there = wanted.filter((one): one is typeof one & { listen: string } => one.listen !== null);
  return Promise.all(there.map(({ listener, listen }) => portFinding(listener, listen, running)));
}

async function portFinding(listener: Listener, listen: string, running: number | undefined): Promise<Finding> {
  const error = await listenOnce(parseAddress(listen));
  if (error === undefined) return good(listener.name, `${listen} is free`);
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE' && running !== undefined) {
    return good(listener.name, `${listen} is used by the Ingot that runs here (pid ${running})`);
  }
  const { why, remedy } = whyNoListening(error, listener);
  return bad(listener.name, `${listen}: ${why}`, remedy);
}
