import { createServer } from 'node:net';
import { systemClock } from '#kernel/clock';
import { bad, type Finding, good, slow } from './finding.ts';

/** `127.0.0.1:6385` or `[::1]:6385`, taken apart. The text was validated with the settings. */
export function hostAndPort(listen: string): { host: string; port: number } {
  const colon = listen.lastIndexOf(':');
  return { host: listen.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(listen.slice(colon + 1)) };
}

/** Is the API's port free? `running`: the process that owns the data directory, which then holds the port rightly. */
export async function portFinding(listen: string, running: number | undefined): Promise<Finding> {
  const error = await listenOnce(hostAndPort(listen));
  if (error === undefined) return good('API port', `${listen} is free`);
  if (error.code === 'EADDRINUSE') {
    return running === undefined
      ? bad(
          'API port',
          `${listen} is taken by another program`,
          'stop it (ss -ltnp shows it), or choose another with --listen',
        )
      : good('API port', `${listen} is used by the Ingot that runs here (pid ${running})`);
  }
  if (error.code === 'EACCES') return bad('API port', `${listen} needs privileges`, 'use a port above 1023');
  if (error.code === 'EADDRNOTAVAIL') {
    return bad('API port', `this machine has no address ${hostAndPort(listen).host}`, 'ip address shows those it has');
  }
  return slow('API port', `${listen}: ${error.message}`, 'choose another with --listen');
}

function listenOnce(at: { host: string; port: number }): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    const cancel = systemClock.after(5_000, () => {
      server.close();
      resolve(Object.assign(new Error('no answer in 5 s'), { code: 'ETIMEDOUT' }));
    });
    server.once('error', (error) => {
      cancel();
      resolve(error);
    });
    server.listen(at, () => {
      cancel();
      server.close(() => resolve(undefined));
    });
  });
}
