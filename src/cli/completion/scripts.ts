import type { Place } from './words.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that makes the shell complete `ingot`. It holds all words itself: completing starts no program. */
export function completionScript(shell: Shell, places: readonly Place[]): string {
  switch (shell) {
    case 'bash':
      return bash(places);
    case 'zsh':
      return zsh(places);
    case 'fish':
      return fish(places);
  }
}

const words = (place: Place) => [...place.next, ...place.options].map(({ word }) => word);

/** Options whose value is one of a few. Names that mean several things in several places share all of them. */
function choices(places: readonly Place[]): [string, string[]][] {
  const found = new Map<string, Set<string>>();
  for (const { options } of places) {
    for (const { word, values } of options) {
      if (values.length === 0) continue;
      const all = found.get(word) ?? new Set();
      for (const value of values) all.add(value);
      found.set(word, all);
    }
  }
  return [...found].map(([word, values]) => [word, [...values]]);
}

/** Walks the words typed so far as deep as they are commands, then offers what may follow there. */
function bash(places: readonly Place[]): string {
  const table = places.map((place) => `    [${quote(place.words || '.')}]=${quote(words(place).join(' '))}`);
  const values = choices(places).map(
    ([word, all]) => `    ${word}) COMPREPLY=($(compgen -W ${quote(all.join(' '))} -- "$word")); return ;;`,
  );
  return `# bash completion of ingot: source <(ingot completion bash)
_ingot() {
  local -A next=(
${table.join('\n')}
  )
  local word="\${COMP_WORDS[COMP_CWORD]}" place=. deeper i
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
${values.join('\n')}
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ $place == . ]]; then deeper="\${COMP_WORDS[i]}"; else deeper="$place \${COMP_WORDS[i]}"; fi
    [[ -n $deeper && -n \${next[$deeper]+x} ]] && place="$deeper"
  done
  COMPREPLY=($(compgen -W "\${next[$place]}" -- "$word"))
  [[ \${#COMPREPLY[@]} -eq 0 && $word != -* ]] && COMPREPLY=($(compgen -f -- "$word"))
}
complete -F _ingot ingot
`;
}

function zsh(places: readonly Place[]): string {
  const described = (place: Place) =>
    [...place.next, ...place.options]
      .map(({ word, about }) => quote(`${word.replaceAll(':', '\\:')}:${about}`))
      .join(' ');
  const arms = places.map((place) => `    ${quote(place.words || '.')}) next=(${described(place)}) ;;`);
  const known = places.filter((place) => place.words !== '').map((place) => quote(place.words));
  const values = choices(places).map(([word, all]) => `    ${word}) compadd -- ${all.map(quote).join(' ')}; return ;;`);
  return `#compdef ingot
# zsh completion of ingot: source <(ingot completion zsh)
_ingot() {
  local place=. deeper i
  local -a next known
  known=(${known.join(' ')})
  case "\${words[CURRENT-1]}" in
${values.join('\n')}
  esac
  for ((i = 2; i < CURRENT; i++)); do
    if [[ $place == . ]]; then deeper="\${words[i]}"; else deeper="$place \${words[i]}"; fi
    (( \${known[(Ie)$deeper]} )) && place="$deeper"
  done
  case "$place" in
${arms.join('\n')}
  esac
  _describe 'ingot' next || _files
}
compdef _ingot ingot
`;
}

function fish(places: readonly Place[]): string {
  const lines: string[] = [];
  for (const place of places) {
    const when = `-n ${fishQuote(`__ingot_at ${place.words}`.trim())}`;
    for (const { word, about } of place.next)
      lines.push(`complete -c ingot -f ${when} -a ${word} -d ${fishQuote(about)}`);
    for (const { word, about, values } of place.options) {
      const flag = word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`;
      const given = values.length === 0 ? '' : ` -x -a ${fishQuote(values.join(' '))}`;
      lines.push(`complete -c ingot ${when} ${flag}${given} -d ${fishQuote(about)}`);
    }
  }
  const known = places.filter((place) => place.words !== '').map((place) => fishQuote(place.words));
  return `# fish completion of ingot: ingot completion fish | source
set -g __ingot_known ${known.join(' ')}
function __ingot_at
    set -l place
    for word in (commandline -opc)[2..-1]
        set -l deeper (string trim -- "$place $word")
        contains -- "$deeper" $__ingot_known; and set place "$deeper"
    end
    test "$place" = "$argv"
end
${lines.join('\n')}
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function fishQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
