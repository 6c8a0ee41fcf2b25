import type { Component } from '../discord/world/model.ts';
import type { Piece } from './wire.ts';

const ATTACHMENT = 'attachment://';

/** A component for the page: files by their names, and no address outside this machine. */
export function piecesOf(component: Component): Piece {
  const { media, file, items, components, accessory, component: inner, emoji, ...rest } = component;
  const attachment = attachmentName((media ?? file)?.url);
  return {
    ...rest,
    ...(emoji?.name === undefined ? {} : { emoji: { name: emoji.name } }),
    ...(attachment === undefined ? {} : { attachment }),
    ...(items === undefined ? {} : { items: items.map(galleryItem) }),
    ...(components === undefined ? {} : { components: components.map(piecesOf) }),
    ...(accessory === undefined ? {} : { accessory: piecesOf(accessory) }),
    ...(inner === undefined ? {} : { component: piecesOf(inner) }),
  };
}

/** Discord's component type of what a gallery shows one of. */
const THUMBNAIL = 11;

function galleryItem(item: NonNullable<Component['items']>[number]): Piece {
  const attachment = attachmentName(item.media.url);
  return {
    type: THUMBNAIL,
    ...(item.description === undefined ? {} : { description: item.description }),
    ...(attachment === undefined ? {} : { attachment }),
  };
}

function attachmentName(url: string | undefined): string | undefined {
  return url?.startsWith(ATTACHMENT) === true ? url.slice(ATTACHMENT.length) : undefined;
}
