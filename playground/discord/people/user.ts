import { NotPossible } from './not-possible.ts';
import { find, pick, reachable, type Target, usable } from './reach.ts';
/** A person at their Discord: does what the client lets them do, and refuses what it does not. */

import type { ChannelId, MessageId, Snowflake, UserId } from '../../../protocol/ids.ts';
import type { Core } from '../core/core.ts';
import { INTERACTION, type InteractionRecord } from '../core/interaction-store.ts';
import { createMessage, deleteMessage } from '../core/messages.ts';
import { EMPTY_DRAFT } from '../core/threads.ts';
import { interactionPayload, type PayloadOptions } from '../interactions/payload.ts';
import { type JsonObject, withoutUndefined } from '../world/json.ts';
import type { ChannelRecord, MessageRecord } from '../world/model.ts';
import { may, requireSendable } from '../world/permissions.ts';
import { type FieldValue, fieldsOf, submitComponents } from './form.ts';
import { checkOptions, type OptionValue, resolveEntities } from './options.ts';
import { type InteractionOutcome, perform } from './outcome.ts';
import { type ShownMessage, shownMessage } from './view.ts';

export interface CommandOptions extends PayloadOptions {
  /** False: send it although no such command is registered, or its options do not fit. */
  readonly strict?: boolean;
}

export interface SendOptions {
  readonly files?: readonly {
    readonly name: string;
    readonly data: string | Uint8Array;
    readonly contentType?: string;
  }[];
  readonly replyTo?: Snowflake;
}

export class Actor {
  readonly id: UserId;
  private readonly core: Core;

  constructor(core: Core, id: UserId) {
    this.core = core;
    this.id = id;
  }

  get name(): string {
    return this.core.world.users.get(this.id)?.name ?? this.id;
  }

  /** Runs a slash command; `runner pair` names a subcommand. Throws NotPossible when the client would not send it. */
  async command(
    channelId: Snowflake,
    name: string,
    options: Record<string, OptionValue> = {},
    how: CommandOptions = {},
  ): Promise<InteractionOutcome> {
    const channel = usable(this.core, this.id, channelId, how.strict !== false);
    const checked = checkOptions(this.core, channel, this.id, name, options, how.strict !== false);
    const record = this.begin(INTERACTION.command, channel);
    return this.send(record, { ...checked.data, guild_id: channel.guildId }, how);
  }

  /** Asks for the choices of one option while the others are filled in as far as they are. */
  async autocomplete(
    channelId: Snowflake,
    name: string,
    focused: string,
    options: Record<string, OptionValue> = {},
  ): Promise<InteractionOutcome> {
    const channel = usable(this.core, this.id, channelId, true);
    const checked = checkOptions(
      this.core,
      channel,
      this.id,
      name,
      { [focused]: '', ...options },
      true,
      focused,
    );
    return this.send(this.begin(INTERACTION.autocomplete, channel), {
      ...checked.data,
      guild_id: channel.guildId,
    });
  }

  /** Uses an entry of the message menu (Apps). */
  async menu(name: string, messageId: Snowflake, how: CommandOptions = {}): Promise<InteractionOutcome> {
    const { channel, message } = find(this.core, messageId);
    usable(this.core, this.id, channel.id, how.strict !== false);
    const command = this.core.commands
      .visibleIn(channel.guildId)
      .find((entry) => entry.type === 3 && entry.name === name);
    if (command === undefined && how.strict !== false)
      throw new NotPossible(`there is no message command "${name}"`);
    const data = {
      id: command?.id ?? this.core.world.mint(),
      name,
      type: 3,
      target_id: messageId,
      resolved: { messages: { [messageId]: this.core.wire.message(message, true) } },
      guild_id: channel.guildId,
    };
    return this.send(this.begin(INTERACTION.command, channel), data, how);
  }

  /** Presses a button. Throws NotPossible when it is not there, is off, or cannot be reached. */
  async click(
    messageId: Snowflake,
    target: string | Target,
    how: PayloadOptions = {},
  ): Promise<InteractionOutcome> {
    const { channel, message } = reachable(this.core, this.id, messageId);
    const button = pick(
      message,
      typeof target === 'string' ? { label: target } : target,
      (type) => type === 2,
    );
    if (button.style === 5) throw new NotPossible('a link opens the browser');
    return this.component(
      channel,
      message,
      { component_type: 2, custom_id: button.custom_id, id: button.id },
      how,
    );
  }

  /** Chooses in a select menu: values of options, or ids of people, roles and channels. */
  async select(
    messageId: Snowflake,
    values: readonly string[],
    target?: Target,
  ): Promise<InteractionOutcome> {
    const { channel, message } = reachable(this.core, this.id, messageId);
    const select = pick(message, target, (type) => type >= 3 && type <= 8 && type !== 4);
    const { min_values: min = 1, max_values: max = 1 } = select;
    if (values.length < min || values.length > max)
      throw new NotPossible(`between ${min} and ${max} must be chosen`);
    for (const value of values)
      if (select.type === 3 && select.options?.some((option) => option.value === value) !== true)
        throw new NotPossible(`"${value}" is not among the options`);
    const resolved = select.type === 3 ? undefined : resolveEntities(this.core, channel, select.type, values);
    const data = {
      component_type: select.type,
      custom_id: select.custom_id,
      id: select.id,
      values,
      resolved,
    };
    return this.component(channel, message, withoutUndefined(data));
  }

  /** A component interaction that no client would send: any custom_id on any message, as an attacker might craft. */
  async forge(fields: {
    readonly messageId: Snowflake;
    readonly customId: string;
    readonly componentType?: number;
    readonly values?: readonly string[];
    readonly channelId?: Snowflake;
    /** Keys that replace those of the payload. */
    readonly payload?: JsonObject;
  }): Promise<InteractionOutcome> {
    const { channel, message } = find(this.core, fields.messageId);
    const place = fields.channelId === undefined ? channel : this.core.world.channel(fields.channelId);
    const record = this.begin(INTERACTION.component, place, message);
    const data = withoutUndefined({
      component_type: fields.componentType ?? 2,
      custom_id: fields.customId,
      values: fields.values,
    });
    const payload = { ...interactionPayload(this.core, record, data), ...fields.payload };
    return perform(this.core, record, payload);
  }

  /**
   * Fills in and sends a form that an interaction opened. Values by label or custom_id. Throws NotPossible for a
   * required field that is empty, or a text of the wrong length.
   */
  async submit(
    opened: InteractionOutcome,
    values: Record<string, FieldValue> = {},
  ): Promise<InteractionOutcome> {
    const { modal } = opened;
    if (modal === undefined) throw new NotPossible('no form is open');
    const origin = JSON.parse(opened.sent) as {
      channel_id: ChannelId;
      message?: { id: MessageId; channel_id: ChannelId };
    };
    const channel = this.core.world.channel(origin.channel_id);
    const fields = fieldsOf(modal.components);
    for (const key of Object.keys(values))
      if (!fields.some((field) => field.customId === key || field.label === key))
        throw new NotPossible(`the form has no field "${key}"`);
    const { components, resolved } = submitComponents(this.core, channel, modal.components, values);
    const source =
      origin.message === undefined ? undefined : this.core.world.findMessage(origin.message.id)?.message;
    const record = this.begin(INTERACTION.modal, channel, source);
    return this.send(record, withoutUndefined({ custom_id: modal.customId, components, resolved }));
  }

  /** Writes a plain message. In an archived thread this brings it back, unless it is locked. */
  sendMessage(channelId: Snowflake, text: string, options: SendOptions = {}): ShownMessage {
    const { world } = this.core;
    const channel = world.channel(channelId);
    requireSendable(world, channel, this.id, (options.files ?? []).length > 0);
    const replied = options.replyTo === undefined ? undefined : find(this.core, options.replyTo).message;
    const author = world.users.get(this.id);
    if (author === undefined) throw new NotPossible('nobody by this id');
    const attachments = options.files?.map((file) => ({
      id: 'new' as const,
      name: file.name,
      bytes: typeof file.data === 'string' ? Buffer.from(file.data) : file.data,
      contentType: file.contentType ?? 'application/octet-stream',
    }));
    const message = createMessage(
      world,
      channel,
      { ...EMPTY_DRAFT, content: text.trim(), attachments },
      {
        author,
        type: replied === undefined ? 0 : 19,
        reference: replied === undefined ? undefined : { messageId: replied.id, channelId: channel.id },
      },
    );
    return shownMessage(this.core, message);
  }

  /** Deletes a message: one's own, or anyone's with MANAGE_MESSAGES. A private answer is only dismissed. */
  deleteMessage(messageId: Snowflake): void {
    const { world } = this.core;
    const { channel, message } = find(this.core, messageId);
    if (
      message.author.id !== this.id &&
      message.ephemeralFor !== this.id &&
      !may(world, channel, this.id, 'MANAGE_MESSAGES')
    )
      throw new NotPossible('it is somebody else’s message');
    deleteMessage(world, channel, message);
  }

  private component(
    channel: ChannelRecord,
    message: MessageRecord,
    data: JsonObject,
    how: PayloadOptions = {},
  ): Promise<InteractionOutcome> {
    return this.send(this.begin(INTERACTION.component, channel, message), data, how);
  }

  private begin(type: number, channel: ChannelRecord, message?: MessageRecord): InteractionRecord {
    return this.core.interactions.create({
      type,
      userId: this.id,
      channelId: channel.id,
      guildId: channel.guildId,
      source: message === undefined ? undefined : { channelId: message.channelId, messageId: message.id },
    });
  }

  private send(
    record: InteractionRecord,
    data: JsonObject,
    how: PayloadOptions = {},
  ): Promise<InteractionOutcome> {
    return perform(this.core, record, interactionPayload(this.core, record, withoutUndefined(data), how));
  }
}
