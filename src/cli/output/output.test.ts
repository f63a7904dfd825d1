import { describe, expect, it } from 'vitest';
import { harmless } from './cell.ts';
import { csv } from './csv.ts';
import { Output, type OutputOptions, sortRows } from './output.ts';
import { table } from './table.ts';

function printed(options: Partial<OutputOptions>) {
  const parts: string[] = [];
  const out = new Output({
    format: 'table',
    columns: [],
    sortColumns: [],
    noIndent: false,
    width: 0,
    write: (text) => parts.push(text),
    ...options,
  });
  return { out, text: () => parts.join('') };
}

describe('table', () => {
  it('draws a frame as wide as its widest cell', () => {
    expect(
      table(
        ['uuid', 'name'],
        [
          ['1', null],
          ['22', 'a\nbb'],
        ],
      ),
    ).toBe(
      [
        '+------+------+',
        '| uuid | name |',
        '+------+------+',
        '| 1    | None |',
        '| 22   | a    |',
        '|      | bb   |',
        '+------+------+',
        '',
      ].join('\n'),
    );
  });

  it('draws headings alone when there are no rows', () => {
    expect(table(['a'], [])).toBe('+---+\n| a |\n+---+\n');
  });

  it('wraps the widest column until the table fits', () => {
    const text = table(['id', 'text'], [['1', 'one two three four five six seven eight nine ten']], 30);
    for (const line of text.trimEnd().split('\n')) expect(line.length).toBe(30);
    expect(text).toContain('| one two three four    |');
  });

  it('wraps nothing where wrapping cannot help', () => {
    const names = Array.from({ length: 9 }, (_, at) => `a-long-heading-${at}`);
    expect(table(names, [names], 40).split('\n')).toHaveLength(6);
  });

  it('lets no name move the cursor', () => {
    expect(harmless('a\u001b[2Jb\u202ec')).toBe('a\\u001b[2Jb\\u202ec');
    expect(table(['a'], [['\u001b[31mred']])).not.toContain('\u001b');
  });
});

describe('csv', () => {
  it('quotes text and leaves numbers', () => {
    expect(
      csv(
        ['a', 'b'],
        [
          ['say "x"', 5],
          [null, { c: 1 }],
        ],
      ),
    ).toBe('"a","b"\r\n"say ""x""",5\r\n"","{""c"":1}"\r\n');
  });

  it('defuses what a spreadsheet would run', () => {
    expect(csv(['a'], [['=cmd|x!A1'], ['-5'], ['@sum']])).toBe('"a"\r\n"\'=cmd|x!A1"\r\n"-5"\r\n"\'@sum"\r\n');
  });
});

describe('Output', () => {
  const rows = [
    { uuid: '2', power_state: 'power on' },
    { uuid: '10', power_state: null },
  ];

  it('finds columns by name or label, in the order asked for', async () => {
    const { out, text } = printed({ format: 'value', columns: ['Power State', 'UUID'] });
    await out.rows(['uuid', 'power_state'], rows);
    expect(text()).toBe('power on 2\nNone 10\n');
    await expect(printed({ columns: ['nope'] }).out.rows(['uuid'], rows)).rejects.toThrow('There is no column "nope"');
  });

  it('prints JSON, YAML and shell', async () => {
    const one = printed({ format: 'json', noIndent: true });
    await one.out.rows(['uuid'], rows);
    expect(one.text()).toBe('[{"uuid":"2"},{"uuid":"10"}]\n');
    const yaml = printed({ format: 'yaml' });
    await yaml.out.one({ b: [1], a: null });
    expect(yaml.text()).toBe('a: null\nb:\n  - 1\n');
    const shell = printed({ format: 'shell' });
    await shell.out.one({ 'a-b': "it's $(x)" });
    expect(shell.text()).toBe("a_b='it'\\''s $(x)'\n");
  });

  it('sorts by several columns, nothing last', () => {
    const sorted = sortRows(
      [
        { a: 1, b: 'x' },
        { a: 2, b: null },
        { a: 3, b: 'x' },
      ],
      ['b', 'a:desc'],
    );
    expect(sorted.map(({ a }) => a)).toEqual([3, 1, 2]);
  });
});
