/** What a session's process runs with: the wish of its people, what holds, and what there is to choose from. */
import * as v from 'valibot';
import {
  COMMANDS_MAX,
  CONFIGURE_NAME_MAX,
  CONFIGURE_TEXT_MAX,
  EFFORTS_MAX,
  MODELS_MAX,
  WORDS_MAX,
} from './limits.ts';
import { count, gen, text } from './shapes.ts';

/** Permission modes of the CLI that Heddle may ask for. The runner's own settings are the last word. */
export const PermissionMode = v.picklist([
  'default',
  'acceptEdits',
  'plan',
  'dontAsk',
  'auto',
  'bypassPermissions',
]);
export type PermissionMode = v.InferOutput<typeof PermissionMode>;

/** A model as `claude --model` takes it: an alias, or a name of the API. */
export const ModelName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][\w.:/@[\]-]{0,99}$/));
/** A level as the CLI reports it. */
export const Effort = v.pipe(v.string(), v.regex(/^[a-z]{1,20}$/));

/** Null: the default. */
const wish = {
  model: v.nullable(ModelName),
  /** Null: the runner's own setting. */
  mode: v.nullable(PermissionMode),
  effort: v.nullable(Effort),
};

/**
 * Session -> runner: the whole of what is wished. The runner keeps it, applies it to the process that runs, and to each one that it
 * starts. A `rev` that is not newer than the one it has changes nothing.
 */
export const Configure = v.object({
  kind: v.literal('configure'),
  gen,
  rev: v.pipe(count, v.minValue(1)),
  ...wish,
  /** The mode is what was asked for: it is set also where Claude has left it by itself, for a plan. */
  modeNow: v.optional(v.literal(true)),
});
export type Configure = v.InferOutput<typeof Configure>;

/** Runner -> Session: what it keeps of the wish of this `rev` (0: nobody wished anything), and what the process runs with. */
export const Configured = v.object({
  kind: v.literal('configured'),
  gen,
  rev: count,
  ...wish,
  /** Null: no process runs. */
  now: v.nullable(v.object({ model: v.nullable(text(100)), mode: text(50) })),
  /** Why a part of the wish is not kept. */
  refused: v.nullable(text(WORDS_MAX)),
});
export type Configured = v.InferOutput<typeof Configured>;

export const ModelOffer = v.object({
  value: ModelName,
  /** Untrusted text, as all that follows. */
  name: text(CONFIGURE_NAME_MAX),
  description: text(CONFIGURE_TEXT_MAX),
});
export type ModelOffer = v.InferOutput<typeof ModelOffer>;

/** One of Claude's own slash commands, of a project's, or a skill. */
export const CommandOffer = v.object({
  /** Without the `/`. */
  name: v.pipe(v.string(), v.regex(/^[\w:.-]{1,80}$/)),
  description: text(CONFIGURE_TEXT_MAX),
  /** What may follow it. */
  hint: text(CONFIGURE_TEXT_MAX),
});
export type CommandOffer = v.InferOutput<typeof CommandOffer>;

const models = v.pipe(v.array(ModelOffer), v.maxLength(MODELS_MAX));
const efforts = v.pipe(v.array(Effort), v.maxLength(EFFORTS_MAX));
const modes = v.array(PermissionMode);
export const CommandOffers = v.pipe(v.array(CommandOffer), v.maxLength(COMMANDS_MAX));
export type CommandOffers = v.InferOutput<typeof CommandOffers>;

/** Runner -> Session: what this session may choose from. The commands are in the Guild's catalogue. */
export const Offers = v.object({
  kind: v.literal('offers'),
  gen,
  models,
  /** That the runner's settings allow to whoever began the session. */
  modes,
  efforts,
});
export type Offers = v.InferOutput<typeof Offers>;

/** Runner -> Guild, in the catalogue. */
export const CatalogueOffers = v.object({
  models,
  efforts,
  /** For sessions that the runner's owner began, and for all others. */
  modes: v.object({ owner: modes, others: modes }),
});
export type CatalogueOffers = v.InferOutput<typeof CatalogueOffers>;
