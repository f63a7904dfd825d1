import type { Command } from '../command.ts';
import { appCommands } from './app.ts';
import { chassisCommands } from './chassis.ts';
import { payloadCommands } from './payload.ts';
import { sensorCommands } from './sensors.ts';
import { storageCommands } from './storage.ts';
import { transportCommands } from './transport.ts';

const table = new Map<number, Command>();
for (const command of [
  ...appCommands,
  ...chassisCommands,
  ...payloadCommands,
  ...sensorCommands,
  ...storageCommands,
  ...transportCommands,
]) {
  table.set((command.netFn << 8) | command.command, command);
}

/** The command of a request; undefined: the BMC does not know it. */
export function findCommand(netFn: number, command: number): Command | undefined {
  return table.get((netFn << 8) | command);
}
