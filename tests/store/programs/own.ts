// Opens a store on the data directory given and stays until killed or told to close on standard input.
import { openStore } from '#store/open';

const [dataDir = '', server = 'own'] = process.argv.slice(2);
try {
  const store = await openStore({ dataDir, server: server === 'join' ? 'join' : 'own' });
  const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
  const [row] = await store.query<{ n: number }>({ text: 'select 1 as n' });
  say({ how: store.embedded?.how, postgres: store.embedded?.pid(), url: store.url, n: row?.n });
  process.stdin.once('data', () => {
    void store.close().then(() => process.exit(0));
  });
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: String((error as Error).message) })}\n`);
  process.exitCode = 1;
}
