import { isObject, type JsonObject } from '../world/json.ts';
import { at, type Problems } from './problems.ts';

/** Discord: embeds of a message, and their characters together (resources/message "Embed Limits"). */
const MAX_EMBEDS = 10;
const TOTAL_CHARS = 6000;
const MAX_FIELDS = 25;

export function checkEmbeds(body: JsonObject, problems: Problems): readonly unknown[] | undefined {
  if (body.embeds === null) return [];
  const embeds = problems.array(body, 'embeds', '', MAX_EMBEDS);
  if (embeds === undefined) return undefined;
  let total = 0;
  const text = (holder: unknown, key: string, path: string, max: number) => {
    if (isObject(holder)) total += problems.text(holder, key, path, 0, max)?.length ?? 0;
  };
  embeds.forEach((raw, index) => {
    const path = at('embeds', index);
    const embed = problems.object(raw, path);
    if (embed === undefined) return;
    text(embed, 'title', path, 256);
    text(embed, 'description', path, 4096);
    text(embed.footer, 'text', at(path, 'footer'), 2048);
    text(embed.author, 'name', at(path, 'author'), 256);
    (problems.array(embed, 'fields', path, MAX_FIELDS) ?? []).forEach((field, fieldIndex) => {
      text(field, 'name', at(at(path, 'fields'), fieldIndex), 256);
      text(field, 'value', at(at(path, 'fields'), fieldIndex), 1024);
    });
  });
  if (total > TOTAL_CHARS)
    problems.add('embeds', 'MAX_EMBED_SIZE_EXCEEDED', `Embed size exceeds maximum size of ${TOTAL_CHARS}`);
  return embeds;
}
