import { Command } from 'commander';
import { addCloudOptions } from '../cloud-options.ts';
import { usageExits } from '../exit.ts';
import { capture, restore } from './capture.ts';
import { explain } from './explain.ts';
import { proof } from './proof.ts';
import { timeline } from './timeline.ts';

/** `ingot node`: how work on a machine went, for people. */
export function command(): Command {
  return usageExits(addCloudOptions(new Command('node')))
    .description('See how work on a machine goes and went.')
    .addCommand(timeline())
    .addCommand(proof())
    .addCommand(capture())
    .addCommand(restore())
    .addCommand(explain());
}
