import { expect, test } from 'vitest';
import { together } from './together.ts';

test('things done at once begin at once, and give what each gave', async () => {
  const said: string[] = [];
  const part = (name: string) => async () => {
    said.push(`${name} begins`);
    await Promise.resolve();
    said.push(`${name} ends`);
    return name;
  };
  expect(await together(part('a'), part('b'), () => 3)).toEqual(['a', 'b', 3]);
  expect(said).toEqual(['a begins', 'b begins', 'a ends', 'b ends']);
});

test('a failure is told when the others are over, and the first of several', async () => {
  let isOver = false;
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    isOver = true;
  };
  const bad = (word: string) => () => {
    throw new Error(word);
  };
  await expect(together(bad('one'), slow, bad('two'))).rejects.toThrow('one');
  expect(isOver).toBe(true);
});
