// Rules of this house that no linter has, as a plug-in of oxlint: see .oxlintrc.json. Where a rule does not
// hold (the one file that may) is said there; `house.test.ts` shows that each rule bites.

interface Node {
  type: string;
  name?: string;
  value?: unknown;
  object?: Node;
  property?: Node;
  callee?: Node;
  key?: Node;
  arguments?: Node[];
  computed?: boolean;
}

interface Context {
  report(problem: { node: Node; message: string }): void;
  sourceCode: { getScope(node: Node): Scope };
}

interface Scope {
  upper: Scope | null;
  set: Map<string, { defs: unknown[] }>;
}

/** Is `name` here the language's own, and not a parameter or import of that name? */
function isGlobal(context: Context, node: Node, name: string): boolean {
  for (let scope: Scope | null = context.sourceCode.getScope(node); scope !== null; scope = scope.upper) {
    const found = scope.set.get(name);
    if (found !== undefined && found.defs.length > 0) return false;
  }
  return true;
}

function isMember(node: Node, object: string, property: string): boolean {
  if (node.object?.type !== 'Identifier' || node.object.name !== object) return false;
  return node.computed ? node.property?.value === property : node.property?.name === property;
}

const TIMERS = ['setTimeout', 'setInterval'];

/** Time comes from kernel/clock.ts, so that tests and simulated fleets can move it. */
const clock = {
  create: (context: Context) => ({
    MemberExpression(node: Node) {
      if (isMember(node, 'Date', 'now') || isMember(node, 'performance', 'now')) {
        context.report({
          node,
          message: `Take the time from a Clock (#kernel/clock), not ${node.object?.name}.now().`,
        });
      }
    },
    NewExpression(node: Node) {
      if (node.callee?.name === 'Date' && node.arguments?.length === 0 && isGlobal(context, node, 'Date')) {
        context.report({ node, message: 'Take the time from a Clock (#kernel/clock), not new Date().' });
      }
    },
    CallExpression(node: Node) {
      const name = node.callee?.type === 'Identifier' ? node.callee.name : undefined;
      if (name !== undefined && TIMERS.includes(name) && isGlobal(context, node, name)) {
        context.report({ node, message: `Use a Clock's after, every or sleep (#kernel/clock), not ${name}.` });
      }
    },
  }),
};

/** Chance comes from kernel/random.ts: seeded in simulations, a CSPRNG for secrets. */
const random = {
  create: (context: Context) => ({
    MemberExpression(node: Node) {
      if (isMember(node, 'Math', 'random')) {
        context.report({ node, message: 'Use a Random (#kernel/random), not Math.random().' });
      }
    },
  }),
};

/** Settings come from platform/config.ts, which validates them and can say where each came from. */
const environment = {
  create: (context: Context) => ({
    MemberExpression(node: Node) {
      if (isMember(node, 'process', 'env')) {
        context.report({ node, message: 'Only #platform/config reads the environment; take a setting instead.' });
      }
    },
  }),
};

/** Requests go out through protocols/, where one guard looks at address, redirect, size and time. */
const outbound = {
  create: (context: Context) => ({
    CallExpression(node: Node) {
      if (node.callee?.type === 'Identifier' && node.callee.name === 'fetch' && isGlobal(context, node, 'fetch')) {
        context.report({ node, message: 'Only protocols/ and the SDK make HTTP requests.' });
      }
    },
  }),
};

/** Children are started with an argument array: a shell would read what a BMC or a tenant wrote. */
const shell = {
  create: (context: Context) => ({
    Property(node: Node) {
      const value = node.value as Node | undefined;
      const name = node.key?.name ?? node.key?.value;
      if (name === 'shell' && value?.type === 'Literal' && value.value !== false) {
        context.report({ node, message: 'No shell: pass an argument array to #kernel/run.' });
      }
    },
  }),
};

const SILENT = ['skip', 'todo', 'skipIf', 'runIf'];

/** A skipped test says why: `context.skip(condition, 'because …')` inside it. */
const skips = {
  create: (context: Context) => ({
    MemberExpression(node: Node) {
      const on = node.object?.type === 'Identifier' ? node.object.name : undefined;
      const name = node.property?.name;
      if (on !== undefined && name !== undefined && ['it', 'test', 'describe'].includes(on) && SILENT.includes(name)) {
        context.report({
          node,
          message: `${on}.${name} hides the reason: call context.skip(condition, 'why') in the test.`,
        });
      }
    },
  }),
};

export default {
  meta: { name: 'house' },
  rules: { clock, random, environment, outbound, shell, skips },
};
