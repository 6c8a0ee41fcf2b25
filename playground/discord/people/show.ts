import type { UserId } from '../../../protocol/ids.ts';
import type { Core } from '../core/core.ts';
import type { ChannelRecord } from '../world/model.ts';
import { type ShownMessage, visibleMessages } from './view.ts';

const BYTES_PER_KB = 1000;

/** A channel or thread as plain text, as a person would read it. */
export function showChannel(core: Core, channel: ChannelRecord, userId?: UserId): string {
  const { world } = core;
  world.applyArchiveClock(channel);
  const parent = channel.thread === undefined ? undefined : world.channels.get(channel.thread.parentId);
  const state = [
    channel.deleted && 'deleted',
    channel.thread?.archived && 'archived',
    channel.thread?.locked && 'locked',
  ];
  const marks = state.filter((mark) => typeof mark === 'string').join(', ');
  const title = `${parent === undefined ? '' : `#${parent.name} › `}${parent === undefined ? '#' : ''}${channel.name}`;
  const lines = visibleMessages(core, channel, userId).map(showMessage);
  const typing = channel.typingUntilMs > world.clock.now() ? [`(${world.bot.name} is typing…)`] : [];
  return [`${title}${marks === '' ? '' : ` (${marks})`}`, ...lines, ...typing].join('\n');
}

export function showMessage(message: ShownMessage): string {
  if (message.system) return `* ${message.text}`;
  const only = message.onlyFor === undefined ? '' : ` (only ${message.onlyFor} sees this)`;
  const bell = message.notified.length === 0 ? '' : ` 🔔 ${message.notified.join(', ')}`;
  const text = message.loading ? 'is thinking…' : message.text;
  const buttons = message.buttons
    .map((button) => (button.disabled ? `[${button.label} (off)]` : `[${button.label}]`))
    .join(' ');
  const selects = message.selects.map(
    ({ placeholder, options }) =>
      `<${placeholder || 'choose'}: ${options.map((option) => option.label).join(' | ')}>`,
  );
  const files = message.attachments.map(
    ({ name, size }) => `📎 ${name} (${(size / BYTES_PER_KB).toFixed(1)} kB)`,
  );
  const rest = [...selects, ...(buttons === '' ? [] : [buttons]), ...files, ...message.reactions];
  return [
    `[${message.author}]${only}${bell}${message.edited ? ' (edited)' : ''}`,
    ...text.split('\n'),
    ...rest,
  ].join('\n  ');
}
