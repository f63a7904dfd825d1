import { describe, expect, test } from 'vitest';
import { isOurs, type WaitingAction } from './waiting-actions.ts';

const action = (more: Partial<WaitingAction>): WaitingAction => ({
  id: 1n,
  group: '',
  bmc: 'https://192.0.2.7',
  owner: null,
  age: 10,
  ...more,
});
const never = () => false;

describe('who takes an action', () => {
  test('who looks after the BMC, and nobody else', () => {
    const mine = (_group: string, bmc: string) => bmc === 'https://192.0.2.7';
    expect(isOurs(action({}), 'me', mine)).toBe(true);
    expect(isOurs(action({ bmc: 'https://192.0.2.8' }), 'me', mine)).toBe(false);
  });

  test('who has the node for an operation goes first', () => {
    expect(isOurs(action({ owner: 'me' }), 'me', never)).toBe(true);
    expect(isOurs(action({ owner: 'other' }), 'me', () => true)).toBe(false);
  });

  test('anybody, when nobody took it in time or it goes to no BMC', () => {
    expect(isOurs(action({ owner: 'other', age: 3_001 }), 'me', never)).toBe(true);
    expect(isOurs(action({ bmc: null }), 'me', never)).toBe(true);
  });
});
