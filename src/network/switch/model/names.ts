/** What may stand in a description on a switch; a plain alphabet on every platform, and in no language a command. */
const HARMLESS = /[^A-Za-z0-9._:/-]+/g;
const LONGEST = 60;

/**
 * Text for a switch out of text of anybody: letters, digits and `._:/-`, no blanks, at most 60 of them. Nothing a
 * tenant writes can so become a command, an option or a second line.
 */
export function harmlessText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll(HARMLESS, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, LONGEST)
    .replace(/[^A-Za-z0-9]+$/, '');
}
