import { errors } from '../errors.ts';

/**
 * What a word of a kernel's command line may be made of. Nothing that any boot loader's language knows as more than
 * a letter: no blanks, quotes, `$`, `;`, `|`, `&`, `#`, braces, backslashes, control characters.
 */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const VALUE = /^[A-Za-z0-9_.,:@%+=/~^*!?()[\]-]*$/;
/** Names the loaders themselves give. */
const OURS = new Set(['initrd', 'BOOT_IMAGE', 'BOOTIF']);
/** Linux takes 2048 bytes on x86; loaders add a little. */
const MAX_LINE = 1900;

/** One word of a kernel's command line, checked: `quiet`, `console=ttyS0,115200n8`. */
export type KernelWord = string & { readonly kernelWord: true };

/** Checks words as people write them. Throws BootParameter. */
export function kernelWords(words: readonly string[]): KernelWord[] {
  const checked = words.map((word) => {
    const at = word.indexOf('=');
    const name = at < 0 ? word : word.slice(0, at);
    const value = at < 0 ? '' : word.slice(at + 1);
    if (!NAME.test(name)) throw errors.BootParameter(name, 'its name has characters other than A-Z a-z 0-9 _ . -');
    if (OURS.has(name)) throw errors.BootParameter(name, 'the boot loader gives it');
    if (!VALUE.test(value))
      throw errors.BootParameter(name, 'its value has blanks, quotes or characters that boot loaders read as commands');
    return word as KernelWord;
  });
  const length = checked.join(' ').length;
  if (length > MAX_LINE)
    throw errors.BootParameter(
      checked.at(-1) ?? '',
      `all parameters together have ${length} characters, ${MAX_LINE} is the limit`,
    );
  return checked;
}

/** Parameters by name; '' makes a bare word. Throws BootParameter. */
export function parameterWords(parameters: Readonly<Record<string, string>>): string[] {
  return Object.entries(parameters).map(([name, value]) => (value === '' ? name : `${name}=${value}`));
}
