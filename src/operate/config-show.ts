import { type ConfigInput, loadConfig, sourceText } from '#platform/config';
import { settingName, settingRows } from '#platform/settings';

/** The settings as text for a person, or as JSON: `{ "api.listen": { "value": …, "source": … } }`. */
export function showConfig(input: ConfigInput, json: boolean): string {
  const { config, sources, file } = loadConfig(input);
  const rows = settingRows().map((row) => {
    const name = settingName(row);
    const value = (config[row.section] as Record<string, unknown>)[row.key];
    return { name, value, source: sourceText(sources.get(name) ?? { kind: 'default' }) };
  });
  if (json) {
    const all = Object.fromEntries(rows.map(({ name, value, source }) => [name, { value, source }]));
    return `${JSON.stringify({ file, settings: all }, null, 2)}\n`;
  }
  const cells = rows.map((row) => [row.name, row.value === null ? '-' : (JSON.stringify(row.value) ?? ''), row.source]);
  const wide = (column: number) => Math.max(...cells.map((row) => row[column]?.length ?? 0));
  const widths = [wide(0), Math.min(wide(1), 60)];
  const lines = cells.map((row) => `${row[0]?.padEnd(widths[0] ?? 0)}  ${row[1]?.padEnd(widths[1] ?? 0)}  ${row[2]}`);
  return `${file === null ? 'No file of settings was found.' : `File: ${file}`}\n\n${lines.join('\n')}\n`;
}
