import type { Row } from '#sdk/pages';
import { callBy, type CommandContext, PartlyFailed } from '../context.ts';
import { facts, named, wantedFields } from '../typed.ts';
import type { Call } from '../spec.ts';

interface Places {
  list: Call;
  show: Call;
  param: string;
  key: string;
  fields: readonly string[];
}

/** `show` of what has a MAC address: by its name, or with `--address` by that. */
export function show(places: Places) {
  return async (context: CommandContext): Promise<void> => {
    const fields = wantedFields(context);
    const query = fields.length === 0 ? {} : { fields };
    const wanted = named(context, 0);
    if (context.typed.options['address'] !== true) {
      const found = await callBy(context, places.show, { params: { [places.param]: wanted }, query });
      return context.out.one(facts(found as Row));
    }
    const whole = fields.length === 0 ? { detail: true } : query;
    const reply = (await callBy(context, places.list, { query: { ...whole, address: wanted } })) as Row;
    const [first] = (reply[places.key] ?? []) as Row[];
    if (first === undefined) throw new PartlyFailed(`Nothing has the address ${wanted}.`);
    return context.out.one(facts(first));
  };
}
