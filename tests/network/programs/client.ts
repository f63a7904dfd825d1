import { once } from 'node:events';
import { start } from '#kernel/run';

// Debian's `openstack` client as one process that is fed commands on its standard input, as somebody at its prompt does:
// starting it anew for each takes a second.

export interface Client {
  /** Runs a command that says nothing when all is well. */
  tell(command: string): Promise<void>;
  /** Runs a command that says how far it is; gives that. Throws when it fails. */
  says(command: string): Promise<string>;
  /** Runs a command and reads what it says as JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any
  ask(command: string): Promise<any>;
  /** What a command is refused with. */
  refused(command: string): Promise<string>;
  end(): Promise<void>;
}

/** What the client says of a command it does not know ends with suggestions; those belong to what came before. */
const SUGGESTIONS = /^(Did you mean one of these\?\n(  .*\n)*)?/;

const FAILED = /(Exception|Error|Conflict|Forbidden|NotFound|No .* found|: Client Error|failed to reach|Timed out)/i;

/** Starts the client with these `OS_…` variables. */
export async function openClient(env: Readonly<Record<string, string>>): Promise<Client> {
  const child = start('sh', ['-c', 'exec openstack 2>&1'], {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/', LANG: 'C.UTF-8', PYTHONUNBUFFERED: '1', ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let heard = '';
  let wake = () => {};
  let gone = false;
  child.stdout?.on('data', (part: Buffer) => {
    heard += String(part);
    wake();
  });
  child.once('close', () => {
    gone = true;
    wake();
  });

  let serial = 0;
  const run = async (command: string): Promise<string> => {
    // Without a terminal it shows no prompt: a command that cannot be marks the end of the one before.
    const mark = `openstack: 'zzzz-${++serial}' is not an openstack command. See 'openstack --help'.\n`;
    child.stdin?.write(`${command}\nzzzz-${serial}\n`);
    for (;;) {
      const at = heard.indexOf(mark);
      if (at >= 0) {
        const said = heard.slice(0, at).replace(SUGGESTIONS, '');
        heard = heard.slice(at + mark.length);
        return said.trim();
      }
      if (gone) throw new Error(`openstack ended: ${heard}`);
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return {
    async tell(command) {
      const said = await run(command);
      if (said !== '') throw new Error(`openstack ${command}: ${said}`);
    },
    async says(command) {
      const said = await run(command);
      if (FAILED.test(said)) throw new Error(`openstack ${command}: ${said}`);
      return said;
    },
    async ask(command) {
      const said = await run(`${command} -f json`);
      try {
        return JSON.parse(said);
      } catch {
        throw new Error(`openstack ${command}: ${said}`);
      }
    },
    async refused(command) {
      const said = await run(command);
      if (!FAILED.test(said)) throw new Error(`openstack ${command} was not refused: ${said}`);
      return said;
    },
    async end() {
      child.stdin?.end();
      if (!gone) await once(child, 'close');
    },
  };
}
