import pg from 'pg';

// The beginning of a transaction travels with its first statement, and its end with its last, in one message each: a
// round trip to PostgreSQL costs more than most of what is asked there. Nothing is sent before its turn: a statement
// whose BEGIN failed is skipped by the server, and so is a COMMIT whose statement failed.

/** What travels along. */
export interface Along {
  begin: boolean;
  commit: boolean;
}

const NAMES = { begin: 'ingot begin', commit: 'ingot commit' } as const;
const knowing = new WeakSet<pg.ClientBase>();

/** Can something travel with this statement, on this connection? Not with texts the server is sent as they are. */
export const canCarry = (client: pg.ClientBase, { name, values }: pg.QueryConfig): boolean =>
  knowing.has(client) && (name !== undefined || (values !== undefined && values.length > 0));

/** Makes a connection know the two by name; before that nothing travels on it. */
export async function teach(client: pg.ClientBase): Promise<void> {
  if (knowing.has(client)) return;
  for (const name of ['commit', 'begin'] as const) await client.query({ name: NAMES[name], text: name });
  knowing.add(client);
}

/** Runs a statement with what travels along. `end` is what the server said to COMMIT. */
export function carry<R extends pg.QueryResultRow>(
  client: pg.ClientBase,
  config: pg.QueryConfig,
  { begin, commit }: Along,
): Promise<{ result: pg.QueryResult<R>; end: string | undefined }> {
  return new Promise((resolve, reject) => {
    const query = new pg.Query(config, (error: Error | undefined | null, said: unknown) => {
      if (error) return reject(error);
      const results = [said].flat() as pg.QueryResult<R>[];
      const result = results[begin ? 1 : 0] as pg.QueryResult<R>;
      resolve({ result, end: commit ? results.at(-1)?.command : undefined });
    });
    const submit = query.submit.bind(query);
    query.submit = (connection) => {
      connection.stream.cork();
      try {
        if (begin) send(connection, NAMES.begin);
        return submit(commit ? endingWith(connection, NAMES.commit) : connection);
      } finally {
        connection.stream.uncork();
      }
    };
    client.query(query);
  });
}

/** The driver's own methods; its types ask for an argument that is gone. */
interface Wire {
  bind(config: {
    portal: string;
    statement: string;
    values: unknown[];
    valueMapper: (value: unknown) => unknown;
  }): void;
  execute(config: { portal: string; rows: number }): void;
  sync(): void;
}

function send(connection: pg.Connection, statement: string): void {
  const wire = connection as unknown as Wire;
  wire.bind({ portal: '', statement, values: [], valueMapper: (value) => value });
  wire.execute({ portal: '', rows: 0 });
}

/** The connection, on which one thing more is sent behind the statement; not when its values could not be sent. */
function endingWith(connection: pg.Connection, statement: string): pg.Connection {
  let executed = false;
  const execute = (config: { portal: string; rows: number }) => {
    executed = true;
    (connection as unknown as Wire).execute(config);
  };
  const sync = () => {
    if (executed) send(connection, statement);
    connection.sync();
  };
  return Object.create(connection, { execute: { value: execute }, sync: { value: sync } }) as pg.Connection;
}
