import { errors } from '../../errors.ts';
import type { Document } from '../../model/node.ts';
import type { DriverCall, DriverStep, VendorInterface } from '../contract.ts';
import { IpmiBmc, type IpmiTools } from './bmc.ts';
import { IPMI_PROPERTIES, ipmiTarget } from './settings.ts';

const MOST_BYTES = 255;

/** What IPMI cannot say in any other way. Steps of `send_raw` are blocked by the default settings. */
export function ipmiVendor(tools: IpmiTools): VendorInterface {
  const sendRaw = async (call: DriverCall, input: Document) => {
    call.assertMayWrite();
    const bytes = rawBytes(input['raw_bytes']);
    return (await new IpmiBmc(tools, call).act('raw', bytes)).toString('hex');
  };
  const reset = async (call: DriverCall, input: Document) => {
    call.assertMayWrite();
    const warm = ![false, 'false', 'False'].includes((input['warm'] ?? true) as string | boolean);
    await new IpmiBmc(tools, call).act(warm ? 'warm reset' : 'cold reset', [0x06, warm ? 0x03 : 0x02]);
  };
  const kinds = ['clean', 'deploy', 'service'] as const;
  const step = (name: string, run: (call: DriverCall, input: Document) => Promise<unknown>): DriverStep => ({
    interface: 'vendor',
    step: name,
    priority: 0,
    kinds,
    requiresRamdisk: false,
    async run(call, args) {
      await run(call, args);
      return { kind: 'done' };
    },
  });
  const steps = [step('send_raw', sendRaw), step('bmc_reset', reset)];
  const method = { httpMethods: ['POST'], async: true, attach: false, requireExclusiveLock: true };
  return {
    name: 'ipmitool',
    properties: IPMI_PROPERTIES,
    validate: (node) => {
      ipmiTarget(node);
    },
    steps: () => steps,
    methods: [
      {
        ...method,
        name: 'send_raw',
        description: 'Send raw bytes to the BMC: raw_bytes, such as "0x00 0x01". Required.',
        call: (call, _name, input) => sendRaw(call, input),
      },
      {
        ...method,
        name: 'bmc_reset',
        description: 'Reset the BMC, the machine runs on: warm (default true) or cold. Optional.',
        call: (call, _name, input) => reset(call, input),
      },
    ],
    driverMethods: [],
  };
}

function rawBytes(text: unknown): number[] {
  if (typeof text !== 'string' || text.trim() === '') {
    throw errors.MissingParameterValue("Parameter 'raw_bytes' not passed to method 'send_raw'.");
  }
  const parts = text.trim().split(/\s+/);
  if (parts.length < 2 || parts.length > MOST_BYTES || !parts.every((one) => /^0x[0-9a-f]{1,2}$/i.test(one))) {
    throw errors.InvalidParameterValue(
      `Invalid raw_bytes: it must be 2 to ${MOST_BYTES} bytes such as "0x00 0x01", network function and command first.`,
    );
  }
  return parts.map(Number);
}
