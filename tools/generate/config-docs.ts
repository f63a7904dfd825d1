import { allowedText, SETTINGS, settingName, settingRows, settingVariables } from '#platform/settings';

/** `docs/config.md`, made from the settings' table. */
export function configDocs(): string {
  const rows = settingRows();
  const parts = Object.entries(SETTINGS).map(([name, section]) => {
    const title = name === 'general' ? '## At the top of the file' : `## [${name}]`;
    const entries = rows
      .filter((row) => row.section === name)
      .map((row) => {
        const { schema } = row;
        const preset = schema.default === null ? 'none' : `\`${JSON.stringify(schema.default)}\``;
        const ways = [
          ...(schema.flag === undefined ? [] : [`flag \`${schema.flag}\``]),
          ...settingVariables(row).map((variable) => `environment \`${variable}\``),
        ];
        return [
          `### ${settingName(row)}`,
          '',
          schema.description,
          '',
          `Default: ${preset}. Allowed: ${allowedText(schema)}. Also by ${ways.join(', ')}.`,
          ...(schema.secret === true ? ['', 'A secret: masked wherever it is shown.'] : []),
        ].join('\n');
      });
    return [title, '', (section as { description?: string }).description ?? '', '', entries.join('\n\n')].join('\n');
  });
  return `${HEAD}\n${parts.join('\n\n')}\n`;
}

const HEAD = `# Settings

<!-- Generated from src/platform/settings.ts by \`npm run generate\`; a test compares. -->

Each setting has a default. One file, then the environment, then flags override it; later ones win. The file is
TOML: what \`--config\` names, else what \`INGOT_CONFIG\` names, else \`ingot.toml\` in a data directory that a flag or
the environment names, else \`/etc/ingot/ingot.toml\`, else \`ingot.toml\` in the default data directory.

\`ingot config show\` prints every value in force and where it came from. A name that does not exist, or a value that
is not allowed, stops the start with the file, the line and the key. In the environment lists are written with
commas. Whoever puts a password in the file should make it unreadable for others (\`chmod 640\`); \`ingot doctor\` looks.
`;
