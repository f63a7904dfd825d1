import manifest from '../../package.json' with { type: 'json' };

/** The product's version, `1.2.3`. */
export const VERSION: string = manifest.version;
