/** What a person can get at: channels, messages, the components on them. */
import type { Snowflake, UserId } from '../../../protocol/ids.ts';
import type { Core } from '../core/core.ts';
import { walk } from '../validate/components.ts';
import type { ChannelRecord, Component, MessageRecord } from '../world/model.ts';
import { may } from '../world/permissions.ts';
import { NotPossible } from './not-possible.ts';
export type Target = { readonly label: string | RegExp } | { readonly customId: string | RegExp };

/** Discord: in an archived thread nobody uses commands; a private or hidden channel is out of reach. */
export function usable(core: Core, userId: UserId, channelId: Snowflake, strict: boolean): ChannelRecord {
  const { world } = core;
  const channel = world.channel(channelId);
  if (!strict) return channel;
  if (!may(world, channel, userId, 'VIEW_CHANNEL')) throw new NotPossible('they do not see this channel');
  if (!may(world, channel, userId, 'USE_APPLICATION_COMMANDS'))
    throw new NotPossible('they may not use commands here');
  if (channel.thread?.archived === true) throw new NotPossible('the thread is archived');
  if (channel.thread?.locked === true && !may(world, channel, userId, 'MANAGE_THREADS'))
    throw new NotPossible('the thread is locked');
  return channel;
}

export function find(core: Core, messageId: Snowflake): { channel: ChannelRecord; message: MessageRecord } {
  const found = core.world.findMessage(messageId);
  if (found === undefined || found.message.deleted) throw new NotPossible('the message is gone');
  return found;
}

export function reachable(
  core: Core,
  userId: UserId,
  messageId: Snowflake,
): { channel: ChannelRecord; message: MessageRecord } {
  const found = find(core, messageId);
  const { world } = core;
  world.applyArchiveClock(found.channel);
  if (found.message.ephemeralFor !== undefined && found.message.ephemeralFor !== userId)
    throw new NotPossible('only somebody else sees this message');
  if (!may(world, found.channel, userId, 'VIEW_CHANNEL'))
    throw new NotPossible('they do not see this channel');
  if (found.channel.thread?.archived === true) throw new NotPossible('the thread is archived');
  if (found.channel.thread?.locked === true && !may(world, found.channel, userId, 'MANAGE_THREADS'))
    throw new NotPossible('the thread is locked');
  return found;
}
/** The one component that fits. Throws NotPossible when there is none, or it is off. */
export function pick(
  message: MessageRecord,
  target: Target | undefined,
  isKind: (type: number) => boolean,
): Component {
  const all = [...walk(message.components)].filter(({ type }) => isKind(type));
  const fits = (value: string | undefined, want: string | RegExp) =>
    typeof want === 'string' ? value === want : value !== undefined && want.test(value);
  const found = all.find((component) => {
    if (target === undefined) return true;
    return 'label' in target
      ? fits(component.label, target.label)
      : fits(component.custom_id, target.customId);
  });
  if (found === undefined) {
    const there =
      all.map((component) => component.label ?? component.custom_id ?? '?').join(', ') || 'nothing';
    throw new NotPossible(`it is not on the message; there is: ${there}`);
  }
  if (found.disabled === true) throw new NotPossible(`"${found.label ?? found.custom_id}" is off`);
  return found;
}
