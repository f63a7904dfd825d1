import { type TSchema, Type } from 'typebox';
import { errors } from '../../errors.ts';
import type { Document } from '../../model/node.ts';
import type { DriverCall, DriverStep } from '../contract.ts';
import { RedfishBmc, type RedfishContext } from './bmc.ts';

/** A step that works over the BMC, outside of any ramdisk, in every flow. */
export function redfishStep(
  context: RedfishContext,
  kind: DriverStep['interface'],
  name: string,
  run: (bmc: RedfishBmc, call: DriverCall, args: Document) => Promise<void>,
  argsSchema: TSchema = Type.Object({}),
): DriverStep {
  return {
    interface: kind,
    step: name,
    priority: 0,
    kinds: ['clean', 'deploy', 'service'],
    requiresRamdisk: false,
    argsSchema,
    async run(call, args) {
      call.assertMayWrite();
      await run(new RedfishBmc(context, call), call, args);
      return { kind: 'done' };
    },
  };
}

/** `settings` of a step: a list of objects. Throws 400. */
export function settingsOf(args: Document, step: string): Document[] {
  const { settings } = args;
  const isList = Array.isArray(settings) && settings.length > 0;
  if (isList && settings.every((one) => typeof one === 'object' && one !== null)) return settings as Document[];
  throw errors.InvalidParameterValue(`The step ${step} needs settings: a list of objects that is not empty.`);
}
