import { describe, expect, it } from 'vitest';
import { baremetal } from '#sdk/generated/baremetal';
import { command } from './command.ts';
import { BAREMETAL_COMMANDS } from './commands.ts';
import { judgeNode } from './actions/provision.ts';
import { allOptions } from './leaf.ts';
import { fieldsOf } from './values.ts';

/** Commands of `openstack baremetal` (python-ironicclient): what people and scripts type. */
const KNOWN = `allocation create,allocation delete,allocation list,allocation set,allocation show,allocation unset,
chassis create,chassis delete,chassis list,chassis set,chassis show,chassis unset,conductor list,conductor show,create,
deploy template create,deploy template delete,deploy template list,deploy template set,deploy template show,
deploy template unset,driver list,driver passthru call,driver passthru list,driver property list,
driver raid property list,driver show,inspection rule create,inspection rule delete,inspection rule list,
inspection rule set,inspection rule show,inspection rule unset,node abort,node add trait,node adopt,
node bios setting list,node bios setting show,node boot device set,node boot device show,node boot mode set,
node children list,node clean,node console disable,node console enable,node console show,node create,node delete,
node deploy,node firmware list,node history get,node history list,node inject nmi,node inspect,node inventory save,
node list,node maintenance set,node maintenance unset,node manage,node passthru call,node passthru list,node power off,
node power on,node provide,node reboot,node rebuild,node remove trait,node rescue,node secure boot off,
node secure boot on,node service,node set,node show,node trait add,node trait list,node trait remove,node undeploy,
node unhold,node unrescue,node unset,node validate,node vif attach,node vif detach,node vif list,port create,
port delete,port group create,port group delete,port group list,port group set,port group show,port group unset,
port list,port set,port show,port unset,runbook create,runbook delete,runbook list,runbook set,runbook show,
runbook trait add,runbook trait list,runbook trait remove,runbook unset,shard list,volume connector create,
volume connector delete,volume connector list,volume connector set,volume connector show,volume connector unset,
volume target create,volume target delete,volume target list,volume target set,volume target show,volume target unset`
  .split(',')
  .map((name) => name.trim());

describe('the table of commands', () => {
  it('has the nouns and verbs of openstack baremetal, no more and no less', () => {
    expect(BAREMETAL_COMMANDS.map(({ name }) => name).sort()).toEqual([...KNOWN].sort());
  });

  it('builds a tree in which every command can be found', () => {
    const root = command();
    for (const { name } of BAREMETAL_COMMANDS) {
      let at = root;
      for (const word of name.split(' ')) {
        const next = at.commands.find((one) => one.name() === word);
        expect(next, `${name}: ${word}`).toBeDefined();
        at = next as typeof at;
      }
    }
  });

  it('has no option twice, and fields that the service knows', () => {
    for (const spec of BAREMETAL_COMMANDS) {
      const flags = allOptions(spec).map(({ long }) => long);
      expect(new Set(flags).size, spec.name).toBe(flags.length);
      if ('call' in spec.action) expect(baremetal, spec.name).toHaveProperty(spec.action.call);
    }
  });
});

describe('values', () => {
  const spec = BAREMETAL_COMMANDS.find(({ name }) => name === 'node create');

  it('reads key=value with JSON values', () => {
    const fields = fieldsOf(spec as NonNullable<typeof spec>, {
      driver: 'ipmi',
      property: ['cpus=8', 'name=a=b', 'flag=true', 'list=[1]'],
      automatedClean: false,
    });
    expect(fields).toEqual({
      driver: 'ipmi',
      properties: { cpus: 8, name: 'a=b', flag: true, list: [1] },
      automated_clean: false,
    });
  });

  it('refuses what has no value, and takes no key for a prototype', () => {
    expect(() => fieldsOf(spec as NonNullable<typeof spec>, { extra: ['x'] })).toThrow('--extra takes key=value');
    const fields = fieldsOf(spec as NonNullable<typeof spec>, { extra: ['__proto__={"a":1}'] });
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
    expect(Object.keys(fields['extra'] as object)).toEqual(['__proto__']);
  });
});

describe('judging a node that is waited for', () => {
  const facts = (state: string, target: string | null = null, error: string | null = null) => ({
    provision_state: state,
    target_provision_state: target,
    last_error: error,
  });

  it('knows when it is there, on its way, turned back, or broken', () => {
    const seen = { moved: false };
    expect(judgeNode('n', facts('enroll'), 'manageable', seen, 10)).toEqual({ done: false });
    expect(judgeNode('n', facts('verifying', 'manageable'), 'manageable', seen, 20)).toEqual({ done: false });
    expect(judgeNode('n', facts('manageable'), 'manageable', seen, 30)).toEqual({ done: true });
    expect(judgeNode('n', facts('enroll', null, 'no power'), 'manageable', seen, 30)).toEqual({
      done: false,
      failed: 'n came to rest in "enroll" instead of "manageable": no power',
    });
    expect(judgeNode('n', facts('clean failed', 'manageable', 'x'), 'manageable', seen, 1)).toMatchObject({
      failed: 'n is in the state "clean failed": x',
    });
  });
});
