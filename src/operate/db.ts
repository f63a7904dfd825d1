import { Command, Option } from 'commander';
import { addConfigFlags, configInput, PLACE_FLAGS } from './flags.ts';

type Options = Record<string, unknown>;

const print = (text: string) => void process.stderr.write(`${text}\n`);

function subcommand(name: string, says: string): Command {
  return addConfigFlags(new Command(name), PLACE_FLAGS).description(says);
}

/** `ingot db`: what is done to the database as a whole. */
export function command(): Command {
  return new Command('db')
    .description('Migrate, export and import the database: the own one of the data directory, or --database-url.')
    .addCommand(
      subcommand('migrate', 'Bring the tables up to this version. `ingot up` does so by itself.').action(
        async (options: Options) => {
          const { migrateCommand } = await import('./db-migrate.ts');
          print(await migrateCommand(configInput(options)));
        },
      ),
    )
    .addCommand(
      subcommand('export', 'Write everything, as of one moment, to a file. Ingot may go on running.')
        .argument('<file>', 'where to; - for standard output; a name that ends in .gz is compressed')
        .addOption(
          new Option('--with-keys', 'put in the keys of the secrets as well: who has the file has the secrets'),
        )
        .action(async (file: string, options: Options) => {
          const { exportCommand } = await import('./db-archive.ts');
          print(await exportCommand(configInput(options), file, options['withKeys'] === true));
        }),
    )
    .addCommand(
      subcommand('import', 'Load an export into a new data directory or an empty database. Stop Ingot first.')
        .argument('<file>', 'what `ingot db export` wrote; - for standard input')
        .action(async (file: string, options: Options) => {
          const { importCommand } = await import('./db-archive.ts');
          print(await importCommand(configInput(options), file));
        }),
    );
}
