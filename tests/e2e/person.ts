import { stripVTControlCharacters } from 'node:util';
import { systemClock } from '../../src/kernel/clock.ts';
import { type Client, session } from '../console/cloud.ts';
import { until } from '../house/ingot.ts';
import { type Site, VERB_MS } from './site.ts';

/** Waits for text in the recorded console since `since`. */
export async function consoleSays(site: Pick<Site, 'log'>, node: string, what: RegExp, since: string): Promise<void> {
  const said = async () => {
    await systemClock.sleep(LOOK_MS);
    return what.test(await site.log(node, `?since=${encodeURIComponent(since)}`));
  };
  await until(`the console says ${what}`, said, VERB_MS);
}

/** Somebody at the console of a machine. */
export interface Person {
  /** Types a command and gives what the terminal showed until it was over. */
  run(command: string): Promise<string>;
  /** Logs out: the next one finds a login. */
  leave(): void;
}

const SHOWN_MS = 240_000;
/** A busy machine shows a prompt within it. */
const ANSWER_MS = 30_000;
// Reading a log costs; a machine says what is waited for minutes after the one before.
const LOOK_MS = 2_000;

/** A session on the node's console. A server that says it cannot now (503) is asked again, as it says. */
async function connected(site: Pick<Site, 'ask'>, node: string): Promise<Client> {
  const until = systemClock.monotonic() + SHOWN_MS;
  for (;;) {
    try {
      return await session(site, node, { mode: 'write' });
    } catch (error) {
      if (!/\b503\b/.test(String(error)) || systemClock.monotonic() > until) throw error;
      await systemClock.sleep(LOOK_MS);
    }
  }
}

/** A program that asks for a login forgets what was typed when it starts anew, as it does behind who left: once more. */
async function answered(ask: (ms: number) => Promise<void>): Promise<void> {
  const last = systemClock.monotonic() + SHOWN_MS;
  for (;;) {
    try {
      await ask(ANSWER_MS);
      return;
    } catch (error) {
      if (systemClock.monotonic() > last) throw error;
    }
  }
}

/** Logs in on the console, through Ingot. */
export async function logIn(site: Pick<Site, 'ask'>, node: string, user: string, password: string): Promise<Person> {
  await site.ask('PUT', `/v1/nodes/${node}/states/console`, { enabled: true });
  const on = () => site.ask<{ console_enabled: boolean }>('GET', `/v1/nodes/${node}/states/console`);
  await until('the console is on', async () => (await on()).console_enabled, SHOWN_MS);
  const client = await connected(site, node);
  let from = 0;
  const sees = async (what: RegExp, ms = SHOWN_MS) => {
    // Without what is for a terminal: shells ask where the cursor is after their prompt.
    const shown = () => stripVTControlCharacters(client.shown().slice(from));
    await until(`the terminal shows ${what}`, () => what.test(shown()), ms);
    const text = shown();
    from = client.shown().length;
    return text;
  };
  try {
    await answered(async (ms) => {
      client.type('\r');
      await sees(/login: *$/, ms);
      client.type(`${user}\r`);
      await sees(/assword: *$/, ms);
    });
    client.type(`${password}\r`);
    await sees(/[#$] *$/);
  } catch (error) {
    client.socket.close();
    throw error;
  }
  let count = 100;
  return {
    async run(command) {
      const n = count++;
      client.type(`${command}; echo done-$((${n} + 1000))\r`);
      return await sees(new RegExp(`done-${n + 1000}`));
    },
    leave() {
      client.type('exit\r');
      client.socket.close();
    },
  };
}
