import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take the longest, by what they took on a quiet machine. They begin the run, and those that mostly wait go
 * beside those that compute, so that both workers are busy to the end.
 */
const LONGEST = [
  'tests/e2e/short',
  'tests/drivers/guests',
  'tests/judges/clients',
  'tests/network/scenario',
  'tests/baremetal/life/crash/kill',
  'tests/house/start-stop',
  'tests/work/kill',
  'tests/boot/boots',
  'tests/house/bad-days',
  'tests/network/bonds',
  'tests/drivers/ipmi',
  'tests/image/tiny-boot',
  'tests/baremetal/life/crash/stopped',
  'tests/lab/emulated',
  'tests/house/pack',
  'tests/drivers/redfish-flows',
  'tests/network/lab',
  'tests/work/takeover',
  'tests/baremetal/deploy/crash',
  'tests/judges/crash-cases',
  'tests/house/simulated-rack',
  'tests/drivers/sol',
];

const place = (spec: TestSpecification): number => {
  const at = LONGEST.findIndex((name) => spec.moduleId.includes(`${name}.test.`) || spec.moduleId.includes(`${name}/`));
  return at < 0 ? LONGEST.length : at;
};

/** Vitest's order, but of each project the longest files first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project.name))];
    return projects.flatMap((name) =>
      sorted.filter(({ project }) => project.name === name).sort((a, b) => place(a) - place(b)),
    );
  }
}
