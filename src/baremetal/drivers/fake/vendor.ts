import { errors } from '../../errors.ts';
import type { VendorInterface, VendorMethod } from '../contract.ts';
import { act, type FakeContext } from './context.ts';
import { fakeStep } from './deploy.ts';

/** The methods of Ironic's fake vendor interface: they say whether `bar` is what they like. */
export function fakeVendor(context: FakeContext): VendorInterface {
  const likes = (name: string, liked: string, rest: Partial<VendorMethod> = {}): VendorMethod => ({
    name,
    httpMethods: ['POST'],
    async: true,
    description: `Test if the value of bar is ${liked}`,
    attach: false,
    requireExclusiveLock: true,
    ...rest,
    async call(call, method, input) {
      await context.faults.meet(call, [`vendor.${method}`, 'vendor']);
      if (!input['bar']) throw errors.MissingParameterValue(`Parameter 'bar' not passed to method '${method}'.`);
      return input['bar'] === liked;
    },
  });
  const log: VendorMethod = {
    name: 'log_passthrough',
    httpMethods: ['POST'],
    async: true,
    description: 'Test pass-through to wait.',
    attach: false,
    requireExclusiveLock: true,
    async call(call, method, input) {
      await context.faults.meet(call, [`vendor.${method}`, 'vendor']);
      await act(context, call, 'log', {}, { keys: Object.keys(input) });
      return null;
    },
  };
  const steps = [
    fakeStep(context, 'vendor', {
      step: 'log_passthrough',
      priority: 1,
      kinds: ['clean', 'service'],
      requiresRamdisk: false,
    }),
    {
      ...fakeStep(context, 'vendor', { step: 'trigger_servicewait', priority: 0, kinds: ['service'] }),
      run: async () => ({ kind: 'wait' as const, for: 'agent' as const }),
    },
  ];
  return {
    name: 'fake',
    properties: { B1: 'B1 description. Required.', B2: 'B2 description. Required.' },
    validate: () => {},
    steps: () => steps,
    methods: [
      likes('first_method', 'baz'),
      likes('second_method', 'kazoo'),
      likes('third_method_sync', 'meow', { async: false }),
      likes('fourth_method_shared_lock', 'woof', { requireExclusiveLock: false }),
      log,
    ],
    driverMethods: [],
  };
}
