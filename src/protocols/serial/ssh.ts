import { createHash } from 'node:crypto';
import { Client, type ClientChannel } from 'ssh2';
import type { Secret } from '#kernel/secret';
import { errors } from './errors.ts';
import type { LineWish, OpenLine } from './line.ts';
import { lineOf } from './stream-line.ts';

/** An SSH server that gives a serial console. */
export interface SshPlace {
  host: string;
  port: number;
  username: string;
  password: Secret;
  /** What to type to get from the BMC's shell to the console; null: the console is there at once. */
  entryCommand: string | null;
  /** `SHA256:…` its host key must have; null: whatever it shows is remembered. */
  fingerprint: string | null;
}

const READY_MS = 20_000;
const KEEPALIVE_MS = 15_000;

/** As `ssh-keygen -l` prints it. */
export const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/**
 * Opens the console of a BMC over SSH. `seen` is told the host key once the login worked. Throws HostKeyChanged,
 * SerialUnreachable, SerialRefused.
 */
export async function openSshLine(
  place: SshPlace,
  wish: LineWish,
  seen: (fingerprint: string) => Promise<void>,
): Promise<OpenLine> {
  const where = `${place.host}:${place.port}`;
  const client = new Client();
  let shown = '';
  wish.signal.throwIfAborted();
  const stop = () => client.destroy();
  wish.signal.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      client.once('error', reject);
      client.once('close', () => reject(new Error('the connection was closed')));
      // Many BMCs ask for the password in a dialogue only.
      client.on('keyboard-interactive', (_name, _text, _language, prompts, answer) =>
        answer(prompts.map(() => place.password.reveal())),
      );
      wish.beforeWrite();
      client.connect({
        host: place.host,
        port: place.port,
        username: place.username,
        password: place.password.reveal(),
        tryKeyboard: true,
        readyTimeout: READY_MS,
        keepaliveInterval: KEEPALIVE_MS,
        keepaliveCountMax: 3,
        hostVerifier: (key: Buffer) => {
          shown = fingerprintOf(key);
          return place.fingerprint === null || place.fingerprint === shown;
        },
        // What BMCs of the last ten years speak beside today's.
        algorithms: {
          kex: { append: ['diffie-hellman-group14-sha1'], prepend: [], remove: [] },
          serverHostKey: { append: ['ssh-rsa'], prepend: [], remove: [] },
        },
      });
    });
    if (place.fingerprint === null) await seen(shown);
    const channel = await shell(client);
    const line = lineOf(channel, `SSH ${where}`, wish.data, () => client.end());
    channel.stderr.on('data', wish.data);
    client.on('error', () => channel.destroy());
    client.once('close', () => channel.destroy());
    if (place.entryCommand !== null) await line.write(Buffer.from(`${place.entryCommand}\r`));
    return line;
  } catch (cause) {
    client.destroy();
    if (place.fingerprint !== null && shown !== '' && shown !== place.fingerprint) {
      throw errors.HostKeyChanged(where, shown, place.fingerprint, { cause });
    }
    const { level, message } = cause as Error & { level?: string };
    if (level === 'client-authentication')
      throw errors.SerialRefused(where, 'user name or password are wrong', { cause });
    throw errors.SerialUnreachable(where, message, { cause });
  } finally {
    wish.signal.removeEventListener('abort', stop);
  }
}

function shell(client: Client): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.shell({ term: 'vt100', cols: 80, rows: 25 }, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}
