import { Command, Option } from 'commander';
import { doctorNetwork } from '../cli/network/doctor.ts';
import { addConfigFlags, configInput } from './flags.ts';

/** `ingot doctor`: looks at the machine, changes nothing. */
export function command(): Command {
  const doctor = addConfigFlags(new Command('doctor'))
    .description('Check this machine: what Ingot needs, what is missing, and how to get it. Changes nothing.')
    .addOption(new Option('--format <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action(async (options: Record<string, unknown>) => {
      const { examine, report } = await import('./checkup/report.ts');
      const findings = await examine(configInput(options));
      process.stdout.write(report(findings, options['format'] === 'json'));
      if (findings.some((finding) => finding.state === 'bad')) process.exitCode = 1;
    });
  doctor.addCommand(doctorNetwork());
  return doctor;
}
