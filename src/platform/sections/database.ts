import { secretText, section, whole } from './fields.ts';

export const databaseSettings = section('PostgreSQL.', {
  url: secretText({
    flag: '--database-url',
    env: 'DATABASE_URL',
    allowed: 'a URL such as postgresql://ingot:password@db.example.org/ingot',
    description:
      'An external PostgreSQL (15 or newer). None: the one that comes with Ingot runs as a child of this process.',
  }),
  pool: whole({
    default: 10,
    minimum: 2,
    maximum: 100,
    description: 'Connections of this process to the database, those of the work engine and of the change feed apart.',
  }),
});
