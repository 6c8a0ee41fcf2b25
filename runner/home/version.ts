import manifest from '../../package.json' with { type: 'json' };

/** Heddle's own version. */
export const VERSION: string = manifest.version;
