import { defineErrors } from '#kernel/errors';

/** What QoS policies refuse, by Neutron's names. */
export const errors = defineErrors({
  QosRulesConflict: [
    409,
    (policy: string, type: string, rule: string) =>
      `Rule ${type} conflicts with rule ${rule} which already exists in QoS Policy ${policy}.`,
  ],
  QosRuleNotSupported: [
    409,
    (type: string, what: string) => `Rule ${type} is not supported by ${what}: nothing here enforces it`,
  ],
  QoSPolicyDefaultAlreadyExists: [409, (project: string) => `A default QoS policy exists for project ${project}.`],
});
