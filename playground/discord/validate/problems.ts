import { CODE, DiscordError } from '../world/errors.ts';
import { isObject, type JsonObject } from '../world/json.ts';
import { isSnowflake } from '../world/snowflake.ts';

interface Problem {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** Collects what is wrong with a body, then refuses it as Discord does: 400, code 50035, the errors as a tree. */
export class Problems {
  readonly list: Problem[] = [];

  add(path: string, code: string, message: string): void {
    this.list.push({ path, code, message });
  }

  length(path: string, value: string, min: number, max: number): void {
    if (value.length > max) this.add(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`);
    else if (value.length < min)
      this.add(
        path,
        'BASE_TYPE_MIN_LENGTH',
        min === 1 ? 'This field is required' : `Must be ${min} or more in length.`,
      );
  }

  /** A string within its lengths, or nothing when it is absent or wrong. */
  text(
    body: JsonObject,
    key: string,
    path: string,
    min: number,
    max: number,
    required = false,
  ): string | undefined {
    const value = body[key];
    if (value === undefined || value === null) {
      if (required) this.add(at(path, key), 'BASE_TYPE_REQUIRED', 'This field is required');
      return undefined;
    }
    if (typeof value !== 'string') {
      this.add(at(path, key), 'STRING_TYPE_CONVERT', `Could not interpret "${String(value)}" as string.`);
      return undefined;
    }
    this.length(at(path, key), value, min, max);
    return value;
  }

  integer(body: JsonObject, key: string, path: string, min: number, max: number): number | undefined {
    const value = body[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      this.add(at(path, key), 'NUMBER_TYPE_COERCE', `Value "${String(value)}" is not int.`);
      return undefined;
    }
    if (value < min || value > max)
      this.add(at(path, key), 'NUMBER_TYPE_RANGE', `int value should be between ${min} and ${max}.`);
    return value;
  }

  boolean(body: JsonObject, key: string, path: string): boolean | undefined {
    const value = body[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'boolean') return value;
    this.add(at(path, key), 'BOOLEAN_TYPE_CONVERT', 'Must be either true or false.');
    return undefined;
  }

  array(body: JsonObject, key: string, path: string, max: number): unknown[] | undefined {
    const value = body[key];
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) {
      this.add(at(path, key), 'LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType');
      return undefined;
    }
    if (value.length > max)
      this.add(at(path, key), 'BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`);
    return value;
  }

  /** The value as an object; when it is none, that is a problem. */
  object(value: unknown, path: string): JsonObject | undefined {
    if (isObject(value)) return value;
    this.add(path, 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType');
    return undefined;
  }

  snowflake(value: unknown, path: string): string | undefined {
    if (isSnowflake(value)) return value;
    this.add(path, 'NUMBER_TYPE_COERCE', `Value "${String(value)}" is not snowflake.`);
    return undefined;
  }

  throwIfAny(): void {
    if (this.list.length === 0) return;
    const first = this.list.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
    throw new DiscordError(400, CODE.formBody, `Invalid Form Body (${first})`, tree(this.list));
  }
}

export function at(path: string, key: string | number): string {
  return path === '' ? String(key) : `${path}.${key}`;
}

/** Refuses with one problem. */
export function refuse(path: string, code: string, message: string): never {
  const problems = new Problems();
  problems.add(path, code, message);
  problems.throwIfAny();
  throw new Error('unreachable');
}

function tree(problems: readonly Problem[]): JsonObject {
  const root: JsonObject = {};
  for (const { path, code, message } of problems) {
    let node = root;
    for (const key of path.split('.').filter((part) => part !== '')) {
      const next = node[key];
      if (isObject(next)) node = next;
      else {
        const fresh: JsonObject = {};
        node[key] = fresh;
        node = fresh;
      }
    }
    const errors = Array.isArray(node._errors) ? node._errors : [];
    node._errors = [...errors, { code, message }];
  }
  return root;
}
