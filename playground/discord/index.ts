/**
 * A Discord of one's own: REST, signed interactions, rate limits, permissions, clocks. It refuses what Discord
 * refuses, and answers 501 to what it does not have. See README.md.
 */
export type { ChannelKind, PermissionName, Permissions } from './bits.ts';
export type { Channel } from './channel-handle.ts';
export type { Discord } from './discord.ts';
export type { ActiveFault, Fault, FaultMatch } from './faults.ts';
export { type FieldValue, type FormField, fieldsOf } from './form.ts';
export type { Guild, Member, NewChannel, Role } from './guild-handle.ts';
export type { ModalForm } from './modal-form.ts';
export type { Component } from './model.ts';
export { NotPossible } from './not-possible.ts';
export type { OptionValue } from './options.ts';
export type { InteractionOutcome } from './outcome.ts';
export { type DiscordOptions, startDiscord } from './start.ts';
export type { TrafficEntry } from './traffic.ts';
export type { Actor } from './user.ts';
export type { ShownAttachment, ShownButton, ShownMessage, ShownSelect } from './view.ts';
export type { Change } from './world.ts';
