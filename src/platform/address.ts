import { createServer } from 'node:net';
import { systemClock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { errors } from './errors.ts';

/** Where something listens. */
export interface Address {
  host: string;
  port: number;
}

/** Takes `127.0.0.1:6385` or `[::1]:6385` apart; the settings' table validated it. */
export function parseAddress(text: string): Address {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

/** The way back: `[::1]:6385`. */
export function addressText({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Something that listens: how errors call it, and what sets its address. */
export interface Listener {
  name: string;
  flag: string;
}

export const API_LISTENER: Listener = { name: 'The API', flag: '--listen' };

/** Why listening failed, and what to do about it, in words. */
export function whyNoListening(error: unknown, { flag }: Listener = API_LISTENER): { why: string; remedy: string } {
  const other = `${flag} HOST:PORT`;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return {
        why: 'another program listens there',
        remedy: `Stop it (ss -ltnp shows it), or choose another address with ${other}`,
      };
    case 'EACCES':
      return { why: 'that port needs privileges', remedy: `Choose one above 1023 with ${other}` };
    case 'EADDRNOTAVAIL':
      return {
        why: 'this machine has no such address',
        remedy: `Choose one that \`ip address\` shows, with ${other}`,
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { why: 'that name has no address', remedy: `Choose another with ${other}` };
    default:
      return { why: messageOf(error), remedy: `Choose another address with ${other}` };
  }
}

/**
 * Opens the port and closes it again: a start that cannot listen shall say so before it makes a database.
 * Throws `CannotListen`.
 */
export async function tryListening(address: Address, listener: Listener = API_LISTENER): Promise<void> {
  const error = await listenOnce(address);
  if (error !== undefined) throw cannotListen(address, error, listener);
}

/** The error for a person. */
export function cannotListen(address: Address, cause: unknown, listener: Listener = API_LISTENER): Error {
  const { why, remedy } = whyNoListening(cause, listener);
  return errors.CannotListen(listener.name, addressText(address), why, remedy, { cause });
}

/** The error of listening there; undefined when it works. */
export function listenOnce(address: Address): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    const cancel = systemClock.after(5_000, () => {
      server.close();
      resolve(new Error('no answer in 5 s'));
    });
    server.once('error', (error) => {
      cancel();
      resolve(error);
    });
    server.listen({ ...address, exclusive: true }, () => {
      cancel();
      server.close(() => resolve(undefined));
    });
  });
}
