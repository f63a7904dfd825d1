import { messageOf } from '#kernel/errors';
import { type ConfigInput, loadConfig } from '#platform/config';
import { settingName, settingRows } from '#platform/settings';
import { databaseFinding, runningHere } from './database.ts';
import { bad, type Finding } from './finding.ts';
import { diskFinding, memoryFinding, nodeFinding, openFilesFinding, processorFinding } from './machine.ts';
import { portFindings } from './network.ts';
import { configFileFinding, dataDirFinding, syncFinding } from './place.ts';
import { programFindings } from './programs.ts';

/** Looks at everything; each look has its own deadline or is short. */
export async function examine(input: ConfigInput): Promise<Finding[]> {
  const always = [nodeFinding(), processorFinding(), await memoryFinding(), await openFilesFinding()];
  const loaded = tryLoad(input);
  if ('problem' in loaded) return [...always, ...loaded.problem, ...(await programFindings())];
  const { config, sources, file } = loaded;
  const dataDir = config.general.data_dir;
  const running = await runningHere(dataDir);
  const holdsSecrets = settingRows().some(
    (row) => row.schema.secret === true && sources.get(settingName(row))?.kind === 'file',
  );
  return [
    ...always,
    await configFileFinding(file, holdsSecrets),
    await dataDirFinding(dataDir),
    await diskFinding(dataDir),
    await syncFinding(dataDir),
    await databaseFinding(config.database.url),
    ...(await portFindings(config, running)),
    ...(await programFindings()),
  ];
}

function tryLoad(input: ConfigInput): ReturnType<typeof loadConfig> | { problem: Finding[] } {
  try {
    return loadConfig(input);
  } catch (error) {
    const sentences = messageOf(error).split('\n');
    return { problem: sentences.map((sentence) => bad('Settings', sentence, 'see docs/config.md')) };
  }
}

const MARKS: Record<Finding['state'], string> = { good: 'ok', slow: 'slow', absent: '-', bad: 'BAD' };

/** The findings for a person, or as JSON. */
export function report(findings: readonly Finding[], json: boolean): string {
  if (json) return `${JSON.stringify(findings, null, 2)}\n`;
  const wide = Math.max(...findings.map((finding) => finding.what.length));
  const lines = findings.flatMap(({ what, state, seen, remedy }) => [
    `${MARKS[state].padEnd(4)}  ${what.padEnd(wide)}  ${seen}`,
    ...(remedy === undefined ? [] : [`${' '.repeat(wide + 8)}→ ${remedy}`]),
  ]);
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length;
  const verdict =
    count('bad') > 0
      ? `${count('bad')} must be mended before Ingot runs here.`
      : count('absent') > 0
        ? 'Ingot runs here; what is marked - is only needed for what stands beside it.'
        : 'Ingot runs here.';
  return `${lines.join('\n')}\n\n${verdict}\n`;
}
