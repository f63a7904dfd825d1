/** This program again, as a child: Node, its flags, our entry. */
function again(...args: string[]): { program: string; args: string[] } {
  return { program: process.execPath, args: [...process.execArgv, process.argv[1] ?? '', ...args] };
}

/** The lab's main program, for a namespace we are in. */
export const labInside = () => again('lab', 'inside');

/** Ingot with its rack, for a new namespace. */
export const rackInside = () => again('rack-inside');
