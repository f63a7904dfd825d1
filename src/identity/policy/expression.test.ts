import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCheck } from './expression.ts';

describe('the language of checks', () => {
  it('means always when empty', () => {
    expect(parseCheck('  ')).toMatchObject({ kind: 'always' });
  });

  it('binds not before and before or', () => {
    expect(parseCheck('role:a or role:b and not role:c')).toMatchObject({
      kind: 'or',
      parts: [{ name: 'a' }, { kind: 'and', parts: [{ name: 'b' }, { kind: 'not', part: { name: 'c' } }] }],
    });
  });

  it('keeps targets whole, next to parentheses', () => {
    expect(parseCheck('(role:admin and project_id:%(node.owner)s)')).toMatchObject({
      parts: [{ kind: 'role' }, { left: { fact: 'project_id' }, right: { target: 'node.owner' } }],
    });
  });

  it('knows literals on both sides', () => {
    expect(parseCheck("'member':%(target.role.name)s")).toMatchObject({ left: { literal: 'member' } });
    expect(parseCheck('None:%(target.role.domain_id)s')).toMatchObject({ left: { literal: null } });
    expect(parseCheck('is_admin_project:True')).toMatchObject({ right: { literal: 'True' } });
    expect(parseCheck("project_name:'my project'")).toMatchObject({ right: { literal: 'my project' } });
  });

  it.each([
    'role:',
    ':x',
    'admin',
    '(role:a',
    'role:a)',
    'role:a or',
    'and role:a',
    'role:a role:b',
    'not',
    'user_id:%(a',
    "'open:%(a)s",
    'user_id:x%(a)s',
    'role:%(a)s',
    `${'('.repeat(100)}role:a${')'.repeat(100)}`,
    'role:a or '.repeat(2000),
  ])('refuses %s', (text) => {
    expect(() => parseCheck(text)).toThrow(/In the policy expression/);
  });

  it('ends with a result or its own error, whatever it is given', () => {
    const piece = fc.constantFrom('role:a', 'and', 'or', 'not', '(', ')', '%(', ')s', "'", ':', '@', '!', ' ', 'x');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((a) => a.join(' ')),
          fc.array(piece).map((a) => a.join('')),
        ),
        (text) => {
          try {
            parseCheck(text);
          } catch (error) {
            expect(String(error)).toContain('In the policy expression');
          }
        },
      ),
    );
  });
});
