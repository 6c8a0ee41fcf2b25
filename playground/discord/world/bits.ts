/** Discord: permissions (topics/permissions). Only those that something here looks at. */
export const PERMISSION = {
  ADMINISTRATOR: 1n << 3n,
  MANAGE_CHANNELS: 1n << 4n,
  MANAGE_GUILD: 1n << 5n,
  ADD_REACTIONS: 1n << 6n,
  VIEW_CHANNEL: 1n << 10n,
  SEND_MESSAGES: 1n << 11n,
  MANAGE_MESSAGES: 1n << 13n,
  EMBED_LINKS: 1n << 14n,
  ATTACH_FILES: 1n << 15n,
  READ_MESSAGE_HISTORY: 1n << 16n,
  MENTION_EVERYONE: 1n << 17n,
  USE_APPLICATION_COMMANDS: 1n << 31n,
  MANAGE_THREADS: 1n << 34n,
  CREATE_PUBLIC_THREADS: 1n << 35n,
  CREATE_PRIVATE_THREADS: 1n << 36n,
  SEND_MESSAGES_IN_THREADS: 1n << 38n,
  BYPASS_SLOWMODE: 1n << 52n,
} as const;
export type PermissionName = keyof typeof PERMISSION;
/** A set of permissions: as a bit set, as the decimal string of one, or by names. */
export type Permissions = bigint | string | readonly PermissionName[];

export function permissionBits(permissions: Permissions): bigint {
  if (typeof permissions === 'bigint') return permissions;
  if (typeof permissions === 'string') return BigInt(permissions);
  return permissions.reduce((bits, name) => bits | PERMISSION[name], 0n);
}

export const ALL_PERMISSIONS = (1n << 53n) - 1n;

/** What a fresh guild lets everyone do. */
export const DEFAULT_EVERYONE: readonly PermissionName[] = [
  'VIEW_CHANNEL',
  'SEND_MESSAGES',
  'SEND_MESSAGES_IN_THREADS',
  'CREATE_PUBLIC_THREADS',
  'CREATE_PRIVATE_THREADS',
  'EMBED_LINKS',
  'ATTACH_FILES',
  'READ_MESSAGE_HISTORY',
  'ADD_REACTIONS',
  'USE_APPLICATION_COMMANDS',
];

/** Discord: message flags (resources/message "Message Flags"). */
export const MESSAGE_FLAG = {
  SUPPRESS_EMBEDS: 1 << 2,
  HAS_THREAD: 1 << 5,
  EPHEMERAL: 1 << 6,
  LOADING: 1 << 7,
  SUPPRESS_NOTIFICATIONS: 1 << 12,
  IS_COMPONENTS_V2: 1 << 15,
} as const;

/** Discord: channel flag of a forum whose posts must carry a tag. */
export const REQUIRE_TAG_FLAG = 1 << 4;

export const CHANNEL_TYPE = {
  text: 0,
  dm: 1,
  voice: 2,
  category: 4,
  announcement: 5,
  announcementThread: 10,
  publicThread: 11,
  privateThread: 12,
  stage: 13,
  forum: 15,
  media: 16,
} as const;
export type ChannelKind = keyof typeof CHANNEL_TYPE;

export const isThreadType = (type: number): boolean => type === 10 || type === 11 || type === 12;
