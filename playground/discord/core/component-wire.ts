import type { Snowflake } from '../../../protocol/ids.ts';
import { type JsonObject, withoutUndefined } from '../world/json.ts';
import type { AttachmentRecord, Component, MessageRecord } from '../world/model.ts';

type CdnUrl = (attachment: AttachmentRecord, place: Snowflake) => string;

/** Discord gives a component back with its defaults filled in, and with files at their URLs. */
export function wireComponent(component: Component, message: MessageRecord, cdnUrl: CdnUrl): JsonObject {
  const named = (holder: { readonly url: string } | undefined) => {
    const name =
      holder?.url.startsWith('attachment://') === true ? holder.url.slice('attachment://'.length) : undefined;
    return message.attachments.find((candidate) => candidate.name === name);
  };
  const media = (holder: { readonly url: string } | undefined) => {
    const attachment = named(holder);
    if (holder === undefined || attachment === undefined) return holder;
    const url = cdnUrl(attachment, message.channelId);
    return { url, proxy_url: url, attachment_id: attachment.id, content_type: attachment.contentType };
  };
  const file = named(component.file);
  return withoutUndefined({
    ...defaults(component),
    ...component,
    media: media(component.media),
    file: media(component.file),
    name: file?.name,
    size: file?.bytes.byteLength,
    items: component.items?.map((item) => ({
      description: null,
      spoiler: false,
      ...item,
      media: media(item.media),
    })),
    components: component.components?.map((child) => wireComponent(child, message, cdnUrl)),
    accessory:
      component.accessory === undefined ? undefined : wireComponent(component.accessory, message, cdnUrl),
  });
}

function defaults(component: Component): JsonObject {
  switch (component.type) {
    case 3:
    case 5:
    case 6:
    case 7:
    case 8:
      return { min_values: 1, max_values: 1 };
    case 11:
      return { description: null, spoiler: false };
    case 13:
      return { spoiler: false };
    case 14:
      return { divider: true, spacing: 1 };
    case 17:
      return { accent_color: null, spoiler: false };
    default:
      return {};
  }
}
