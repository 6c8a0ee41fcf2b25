import { isObject, type JsonObject } from '../world/json.ts';
import { at, type Problems } from './problems.ts';

export interface AllowedMentions {
  readonly parse: ReadonlySet<string>;
  readonly users: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  readonly repliedUser: boolean;
}

const KINDS = ['users', 'roles', 'everyone'];
/** Discord: ids in `users` or `roles` of allowed_mentions. */
const MAX_IDS = 100;

/** Discord: a kind is either parsed or listed, never both (resources/message "Allowed Mentions"). */
export function checkAllowedMentions(body: JsonObject, problems: Problems): AllowedMentions | undefined {
  const raw = body.allowed_mentions;
  if (raw === undefined || raw === null) return undefined;
  if (!isObject(raw)) {
    problems.add('allowed_mentions', 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType');
    return undefined;
  }
  const path = 'allowed_mentions';
  const parse = new Set<string>();
  (problems.array(raw, 'parse', path, KINDS.length) ?? []).forEach((kind, index) => {
    if (typeof kind !== 'string' || !KINDS.includes(kind))
      problems.add(
        at(at(path, 'parse'), index),
        'BASE_TYPE_CHOICES',
        `Value must be one of (${KINDS.join(', ')}).`,
      );
    else parse.add(kind);
  });
  const ids = (key: 'users' | 'roles') => {
    const list = problems.array(raw, key, path, MAX_IDS) ?? [];
    list.forEach((id, index) => {
      problems.snowflake(id, at(at(path, key), index));
    });
    if (list.length > 0 && parse.has(key))
      problems.add(
        path,
        'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
        `parse:["${key}"] and ${key}: [ids...] are mutually exclusive.`,
      );
    return new Set(list.map(String));
  };
  return { parse, users: ids('users'), roles: ids('roles'), repliedUser: raw.replied_user === true };
}
