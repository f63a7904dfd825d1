import { errors } from '../errors.ts';

/** One parameter: nothing that a boot loader's script could take for a statement of its own. */
const WORD = /^[A-Za-z0-9_.:/@%+,=~!?&*#()[\]{}-]+$/;
const MOST = 64;
const LONGEST = 2048;

/**
 * Kernel parameters as a person wrote them, in words. Quotes, variables (`$`), line breaks, `;` and `|` are refused: they
 * mean something to iPXE, GRUB and systemd-boot. `default`, as Ironic has it, stands for those of the product and is
 * left out. Throws 400.
 */
export function readKernelParameters(value: unknown): string[] {
  if (value === undefined || value === null || value === '') return [];
  if (typeof value !== 'string') throw errors.InvalidParameterValue('kernel_append_params must be a text.');
  const words = value
    .trim()
    .split(/ +/)
    .filter((word) => word !== '' && word !== '%default%');
  if (words.length > MOST || value.length > LONGEST) {
    throw errors.InvalidParameterValue(`kernel_append_params: at most ${MOST} words and ${LONGEST} characters.`);
  }
  for (const word of words) {
    if (!WORD.test(word)) {
      throw errors.InvalidParameterValue(
        `kernel_append_params: ${JSON.stringify(word.slice(0, 60))} holds characters that boot loaders may read as statements.`,
      );
    }
  }
  return words;
}
