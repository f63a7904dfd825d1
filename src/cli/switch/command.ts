import { Command } from 'commander';
import { addCloudOptions } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { apply } from './apply.ts';
import { diff, ports } from './ports.ts';
import { add, list, platforms, remove, set, show } from './registered.ts';

/** `ingot switch`: the switches machines hang on. */
export function command(): Command {
  return usageExits(addCloudOptions(new Command('switch')))
    .description(
      'Switches whose ports machines hang on: register them, see what each port shall be and is, and repair what differs.',
    )
    .addCommand(add())
    .addCommand(list())
    .addCommand(show())
    .addCommand(set())
    .addCommand(remove())
    .addCommand(platforms())
    .addCommand(ports())
    .addCommand(diff())
    .addCommand(apply());
}
