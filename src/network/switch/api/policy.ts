import type { RuleSet } from '#contracts/policy';

/** Who may look at switches and change them: only those who run the cloud. */
export const switchRules: RuleSet = {
  service: 'switches',
  targets: [],
  rules: [
    {
      name: 'switch:get',
      check:
        '(role:admin and (system_scope:all or is_admin_project:True)) or (role:reader and (system_scope:all or is_admin_project:True))',
      description: 'See switches, their ports, and what is not as wanted',
    },
    {
      name: 'switch:manage',
      check: 'role:admin and (system_scope:all or is_admin_project:True)',
      description: 'Register switches, change and remove them, set and repair their ports',
    },
  ],
};
