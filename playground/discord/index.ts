/**
 * A Discord of one's own: REST, signed interactions, rate limits, permissions, clocks. It refuses what Discord
 * refuses, and answers 501 to what it does not have. See README.md.
 */
export type { ChannelKind, PermissionName, Permissions } from './bits.ts';
export { Discord, type DiscordOptions, startDiscord } from './discord.ts';
export type { ActiveFault, Fault, FaultMatch } from './faults.ts';
export type { FieldValue } from './form.ts';
export type { Channel, Guild, Member, NewChannel, Role } from './handles.ts';
export type { OptionValue } from './options.ts';
export type { InteractionOutcome } from './outcome.ts';
export type { TrafficEntry } from './traffic.ts';
export { type Actor, NotPossible } from './user.ts';
export type { ShownAttachment, ShownButton, ShownMessage, ShownSelect } from './view.ts';
export type { Change } from './world.ts';
