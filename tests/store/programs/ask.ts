// Asks the database given one question.
import { openStore } from '#store/open';

const store = await openStore({ databaseUrl: process.argv[2] ?? '', migrate: 'skip' });
const [row] = await store.query({ text: 'select 1 as n' });
process.stdout.write(`${JSON.stringify(row)}\n`);
await store.close();
