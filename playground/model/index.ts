/** A scripted Messages API, so that the real Claude CLI runs with no key and no network. */
export { modelEnvironment } from './environment.ts';
export { helpText } from './scenes.ts';
export { type Model, type ModelOptions, type ModelRequest, startModel, type WrittenText } from './server.ts';
export { streamWords } from './words.ts';
