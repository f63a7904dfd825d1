import type { DeployInterface, DriverCall, DriverStep, StepFlow } from '../contract.ts';
import type { FakeContext } from './context.ts';

interface StepShape {
  step: string;
  priority: number;
  kinds: readonly StepFlow[];
  abortable?: boolean;
  requiresRamdisk?: boolean;
}

/** A step of a fake: `run`, then the delays and failures it was told to have. */
export function fakeStep(
  context: FakeContext,
  kind: DriverStep['interface'],
  shape: StepShape,
  run: (call: DriverCall, args: Parameters<DriverStep['run']>[1]) => Promise<void> = async () => {},
): DriverStep {
  return {
    interface: kind,
    ...shape,
    async run(call, args) {
      const keys = [`${call.purpose}.${shape.step}`, `${kind}.${shape.step}`, shape.step];
      // A plain `deploy` is the step of that name, or every step of a deploy would take as long.
      if (kind !== 'deploy') keys.push(kind);
      await run(call, args);
      return context.faults.meetStep(call, keys);
    },
  };
}

/**
 * Deploys nothing, in the order a real one would: ramdisk on the provisioning network, image, tenant network,
 * instance. So that what can go wrong with power and networks can be tried without a machine.
 */
export function fakeDeploy(context: FakeContext): DeployInterface {
  const { faults } = context;
  const ramdisk = async (call: DriverCall, network: 'provisioning' | 'cleaning' | 'servicing') => {
    await call.interfaces.network.flip(call, network);
    await call.interfaces.boot.prepareRamdisk(call, {});
    await call.power.on();
  };
  const leave = async (call: DriverCall) => {
    await call.power.off();
    await call.interfaces.boot.cleanUpRamdisk(call);
    await call.interfaces.network.flip(call, 'nothing');
  };
  const steps: DriverStep[] = [
    fakeStep(context, 'deploy', { step: 'deploy', priority: 100, kinds: ['deploy'], abortable: true }, (call) =>
      ramdisk(call, 'provisioning'),
    ),
    fakeStep(context, 'deploy', { step: 'switch_to_tenant_network', priority: 30, kinds: ['deploy'] }, async (call) => {
      await call.power.off();
      await call.interfaces.network.flip(call, 'tenant');
    }),
    fakeStep(context, 'deploy', { step: 'boot_instance', priority: 20, kinds: ['deploy'] }, async (call) => {
      await call.interfaces.boot.prepareInstance(call);
      await call.power.on();
    }),
    fakeStep(context, 'deploy', {
      step: 'erase_devices_metadata',
      priority: 99,
      kinds: ['clean'],
      abortable: true,
      requiresRamdisk: true,
    }),
    fakeStep(context, 'deploy', {
      step: 'erase_devices',
      priority: 10,
      kinds: ['clean'],
      abortable: true,
      requiresRamdisk: true,
    }),
    fakeStep(context, 'deploy', {
      step: 'burnin_cpu',
      priority: 0,
      kinds: ['clean', 'service'],
      abortable: true,
      requiresRamdisk: true,
    }),
  ];
  return {
    name: 'fake',
    properties: {},
    validate: () => {},
    steps: () => steps,
    async prepare(call) {
      await faults.meet(call, ['deploy.prepare']);
      await call.interfaces.storage.attach(call);
    },
    async cleanUp(call) {
      await faults.meet(call, ['deploy.clean_up']);
      await call.interfaces.boot.cleanUpRamdisk(call);
      await call.interfaces.boot.cleanUpInstance(call);
    },
    async prepareCleaning(call) {
      await ramdisk(call, 'cleaning');
      return faults.meetStep(call, ['clean.prepare', 'clean', 'deploy.prepare_cleaning']);
    },
    async tearDownCleaning(call) {
      await faults.meet(call, ['clean.tear_down', 'deploy.tear_down_cleaning']);
      await leave(call);
    },
    async prepareService(call) {
      await call.power.off();
      await ramdisk(call, 'servicing');
      return faults.meetStep(call, ['service.prepare', 'service', 'deploy.prepare_service']);
    },
    async tearDownService(call) {
      await faults.meet(call, ['service.tear_down', 'deploy.tear_down_service']);
      await leave(call);
      await call.interfaces.network.flip(call, 'tenant');
      await call.interfaces.boot.prepareInstance(call);
      await call.power.on();
    },
    async tearDown(call) {
      await faults.meet(call, ['deploy.tear_down', 'undeploy']);
      await call.power.off();
      await call.interfaces.storage.detach(call);
      await call.interfaces.network.flip(call, 'nothing');
    },
    takeOver: (call) => faults.meet(call, ['deploy.take_over', 'adopt']),
  };
}
