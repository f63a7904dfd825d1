// Hears changes of the database given and repeats each on standard output; `topic id` on standard input announces.
import { openStore } from '#store/open';

const store = await openStore({ databaseUrl: process.argv[2] ?? '', migrate: 'skip' });
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
store.changes.subscribe('*', say);
await store.changes.listening();
say({ ready: true });
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text: string) => {
  for (const line of text.trim().split('\n')) {
    const [topic = '', id = ''] = line.split(' ');
    void store.tx(async (tx) => tx.changed(topic, id));
  }
});
