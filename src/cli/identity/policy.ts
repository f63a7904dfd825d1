import { Command, Option } from 'commander';
import { policy } from '#sdk/generated/policy';
import { addCloudOptions, chosenClient } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { harmless, harmlessJson } from '../output/cell.ts';
import { Output, ROW_FORMATS, type OutputOptions } from '../output/output.ts';
import { told } from './failure.ts';

/** One part of a rule and what came of it, as the server tells it. */
interface Reason {
  check: string;
  result: boolean;
  why: string;
  parts?: Reason[];
}

/** `ingot policy`: who may do what, and why. */
export function command(): Command {
  const group = usageExits(addCloudOptions(new Command('policy'))).description('Who may do what, and why.');
  return group.addCommand(explain()).addCommand(list());
}

function explain(): Command {
  return usageExits(new Command('explain'))
    .summary('why something is allowed, or not')
    .description('Say why the caller, or another user, may do something, or may not, part by part of the rule.')
    .argument('<rule>', 'the rule: baremetal:node:delete')
    .option('--target-type <type>', 'kind of the resource: node, allocation, …')
    .option('--target <id>', 'the resource')
    .option('--user <user>', 'decide for this user (id) instead of the caller')
    .option('--project <project>', 'in this project (id)')
    .option('--domain <domain>', 'in this domain (id)')
    .option('--system', 'in the system')
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .action((rule: string, options: Record<string, string | true | undefined>, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const query = {
          rule,
          target_type: options['targetType'],
          target: options['target'],
          user: options['user'],
          project: options['project'],
          domain: options['domain'],
          system: options['system'],
        };
        const found = (await client.operations.loose(policy.policyExplain, { query })) as Record<string, unknown>;
        if (options['format'] === 'json') process.stdout.write(`${harmlessJson(found, 2)}\n`);
        else process.stdout.write(explanation(rule, found));
      }),
    );
}

/** The answer as a tree of sentences. */
function explanation(rule: string, found: Record<string, unknown>): string {
  const lines: string[] = [];
  const walk = (reason: Reason, depth: number): void => {
    const mark = reason.result ? 'yes' : 'no ';
    lines.push(`${'  '.repeat(depth)}${mark} ${reason.check}: ${reason.why}`);
    for (const part of reason.parts ?? []) walk(part, depth + 1);
  };
  const reason = (found['reason'] ?? found) as Partial<Reason>;
  const allowed = found['allowed'] ?? found['result'] ?? reason.result;
  lines.push(`${rule} is ${allowed === true ? 'allowed' : 'refused'}`);
  if (typeof reason.check === 'string') walk(reason as Reason, 1);
  return `${harmless(lines.join('\n'))}\n`;
}

function list(): Command {
  return usageExits(new Command('list'))
    .summary('list the rules in force')
    .description('List the rules in force.')
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(ROW_FORMATS).default('table'))
    .action((options: Record<string, unknown>, self: Command) =>
      told(async () => {
        const client = await chosenClient(self.optsWithGlobals());
        const { rules } = (await client.operations.loose(policy.policyList, {})) as {
          rules: Record<string, unknown>[];
        };
        const columns = [...new Set(rules.flatMap((rule) => Object.keys(rule)))];
        const out = new Output({
          format: options['format'] as OutputOptions['format'],
          columns: [],
          sortColumns: [],
          noIndent: false,
          width: process.stdout.isTTY ? process.stdout.columns : 0,
          write: (text) => void process.stdout.write(text),
        });
        await out.rows(columns, rules);
      }),
    );
}
