import { Type } from 'typebox';
import { section } from './fields.ts';

export const fakeSettings = section('The hardware type `fake-hardware`: machines that exist in the database only.', {
  delay_s: Type.Record(Type.String(), Type.Number({ minimum: 0, maximum: 86_400 }), {
    default: {},
    allowed: 'a table of seconds, such as { "power" = 1, "clean.erase_devices" = 2.5 }',
    description:
      'Seconds that calls take for every fake machine, by interface, call or step. `driver_info.fake_delay_s` of a node adds to it.',
  }),
  fail: Type.Record(Type.String(), Type.Union([Type.Boolean(), Type.String()]), {
    default: {},
    allowed: 'a table of true or a message, such as { "deploy.write_image" = "boom" }',
    description:
      'Calls that fail for every fake machine, by interface, call or step. `driver_info.fake_fail` of a node adds to it.',
  }),
});
