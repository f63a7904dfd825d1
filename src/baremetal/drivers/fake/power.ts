import type { DriverCall, PowerInterface } from '../contract.ts';
import { act, type FakeContext, look } from './context.ts';

/** Power of a fake machine. Delays are the machine's: it accepts at once and gets there later. */
export function fakePower(context: FakeContext): PowerInterface {
  const { faults, clock } = context;
  const change = async (call: DriverCall, action: string, key: string, power: 'power on' | 'power off') => {
    const keys = [`power.${key}`, 'power'];
    faults.failIfTold(call.node, keys);
    const ms = faults.delayMs(call.node, keys);
    await act(
      context,
      call,
      action,
      ms > 0 ? { becoming: { power, at: clock.now() + ms } } : { power, becoming: null },
    );
  };
  return {
    name: 'fake',
    properties: {
      fake_delay_s: 'Seconds by interface, call or step, as an object: {"power.on": 2}. Optional.',
      fake_fail:
        'true or a message by interface, call or step, as an object: {"clean.erase_devices": "boom"}. Optional.',
    },
    supports: ['power on', 'power off', 'rebooting', 'soft rebooting', 'soft power off'],
    validate: () => {},
    alwaysValid: true,
    async get(call) {
      faults.failIfTold(call.node, ['power.get', 'power']);
      return (await look(context, call)).power;
    },
    on: (call) => change(call, 'power on', 'on', 'power on'),
    off: (call) => change(call, 'force off', 'off', 'power off'),
    async softOff(call) {
      call.assertMayWrite();
      const { power } = await look(context, call);
      if (power === 'power on') await change(call, 'soft off', 'soft_off', 'power off');
    },
  };
}
