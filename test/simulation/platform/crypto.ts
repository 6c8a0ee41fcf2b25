/** `node:crypto` for the runner, with ids of the run's own. */
export * from 'node:crypto';

export const randomUUID = (): string => crypto.randomUUID();
