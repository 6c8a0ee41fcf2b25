/** Older ones do not run TypeScript as it is, or lack `node:sqlite` as the runner needs it. */
const OLDEST_MAJOR = 24;

/** What is wrong with this Node; null: nothing. */
export function nodeTrouble(version: string): string | null {
  const major = Number.parseInt(version, 10);
  if (major >= OLDEST_MAJOR) return null;
  return `The playground needs Node ${OLDEST_MAJOR}, and this is ${version}. Run it as \`npm start\` after \`npm ci\`: that brings a Node of its own.`;
}
