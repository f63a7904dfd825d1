import type { Client } from '#sdk/client';
import { console as operations } from '#sdk/generated/console';
import { Output, type OutputOptions } from '../output/output.ts';
import { attach } from './attach.ts';
import { withConsoleOn } from './switch-on.ts';

type Options = Readonly<Record<string, unknown>>;

/** Does what the options of `ingot console` say. */
export async function openConsole(client: Client, node: string, options: Options): Promise<void> {
  const params = { node_ident: node };
  const times = {
    since: options['since'] as string | undefined,
    until: options['until'] as string | undefined,
  };
  if (options['url'] === true) {
    const kind = options['screen'] === true ? ('screen' as const) : ('serial' as const);
    const { session } = await withConsoleOn(client, node, tell, () =>
      client.operations.call(operations.consoleSessionCreate, { params, body: { kind } }),
    );
    process.stdout.write(`${session.page}\n`);
  } else if (options['search'] !== undefined) {
    const query = { ...times, text: String(options['search']), limit: Number(options['limit']) };
    const { lines, more } = await client.operations.call(operations.consoleSearch, { params, query });
    await output(options).rows(['at', 'text'], lines);
    if (more) process.stderr.write(`There are more than ${lines.length}: --limit, --since and --until say which.\n`);
  } else if (options['status'] === true) await status(client, node, options);
  else if (options['log'] === true || options['follow'] === true || options['tail'] !== undefined || isTimed(times)) {
    await log(client, node, options, times);
  } else {
    const screen = { input: process.stdin, write: (bytes: Uint8Array) => void process.stdout.write(bytes), tell };
    const why = await withConsoleOn(client, node, tell, () =>
      attach(client, node, options['readOnly'] === true, screen),
    );
    process.stderr.write(`\r\n[${why}]\n`);
  }
}

const tell = (text: string) => void process.stderr.write(`\r\n[${text}]\r\n`);

const isTimed = ({ since, until }: { since: string | undefined; until: string | undefined }) =>
  since !== undefined || until !== undefined;

/** Prints the log as it comes; ends with Ctrl+C, or when the reader of our output is gone. */
async function log(client: Client, node: string, options: Options, times: Record<string, string | undefined>) {
  const query = {
    ...times,
    ...(options['tail'] === undefined ? {} : { tail: Number(options['tail']) }),
    ...(options['follow'] === true ? { follow: true } : {}),
    format: options['format'] === 'json' ? 'json' : options['timestamps'] === true ? 'timestamps' : 'text',
  };
  const input = { params: { node_ident: node }, query, timeoutMs: 0 };
  const response = await client.operations.send(operations.consoleLog, input, { Accept: '*/*' });
  if (response.body === null) return;
  let gone = false;
  process.stdout.once('error', () => {
    gone = true;
  });
  for await (const piece of response.body) {
    if (gone) return;
    if (!process.stdout.write(piece)) {
      await new Promise<void>((resolve) => {
        process.stdout.once('drain', resolve);
        process.stdout.once('error', () => resolve());
      });
    }
  }
}

async function status(client: Client, node: string, options: Options): Promise<void> {
  const params = { node_ident: node };
  const [{ console }, { sessions }] = await Promise.all([
    client.operations.call(operations.consoleShow, { params }),
    client.operations.call(operations.consoleSessionList, { params }),
  ]);
  const connected = sessions.map(({ user, kind, writes }) => `${user} (${kind}${writes ? ', writes' : ''})`);
  await output(options).one({ ...console, connected: connected.join(', ') });
}

function output(options: Options): Output {
  return new Output({
    format: options['format'] as OutputOptions['format'],
    columns: [],
    sortColumns: [],
    noIndent: false,
    width: process.stdout.columns ?? 0,
    write: (text) => void process.stdout.write(text),
  });
}
