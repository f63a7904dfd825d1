import { Command, Option } from 'commander';
import { addCloudOptions, chosenClient } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { ONE_FORMATS, Output, type OutputOptions } from '../output/output.ts';
import { told } from './failure.ts';

/** `ingot token`: logs in and prints the token, for scripts that speak to an API themselves. */
export function command(): Command {
  return usageExits(addCloudOptions(new Command('token')))
    .description('Log in and print the token: TOKEN=$(ingot token).')
    .addOption(
      new Option('-f, --format <format>', 'how to print it: the token alone, or all that is known of it')
        .choices(['value', ...ONE_FORMATS.filter((format) => format !== 'value')])
        .default('value'),
    )
    .action((options: Record<string, unknown>) =>
      told(async () => {
        const token = await (await chosenClient(options)).token();
        const out = new Output({
          format: options['format'] as OutputOptions['format'],
          columns: options['format'] === 'value' ? ['id'] : [],
          sortColumns: [],
          noIndent: false,
          width: 0,
          write: (text) => void process.stdout.write(text),
        });
        await out.one({
          id: token.id,
          expires: token.expires,
          project_id: token.projectId,
          user_id: token.userId,
        });
      }),
    );
}
