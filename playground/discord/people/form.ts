/** A form (modal) as a person fills it in, and as the client sends it. */
import type { Core } from '../core/core.ts';
import { type JsonObject, withoutUndefined } from '../world/json.ts';
import type { ChannelRecord, Component, SelectOption } from '../world/model.ts';
import { NotPossible } from './not-possible.ts';
import { resolveEntities, uploadFile } from './options.ts';

/** A text, the chosen values, or files. */
export type FieldValue =
  | string
  | readonly string[]
  | {
      readonly files: readonly {
        readonly name: string;
        readonly data: string | Uint8Array;
        readonly contentType?: string;
      }[];
    };

export interface FormField {
  readonly customId: string;
  readonly label: string;
  /** Discord: 4 text input, 3 and 5 to 8 selects, 19 file upload. */
  readonly type: number;
  readonly required: boolean;
  readonly value: string;
  readonly options: readonly SelectOption[];
  readonly component: Component;
}

export function fieldsOf(components: readonly Component[]): FormField[] {
  return components.flatMap((top) => {
    const component = top.type === 18 ? top.component : top.components?.[0];
    if (component?.custom_id === undefined) return [];
    return [
      {
        customId: component.custom_id,
        label: (top.type === 18 ? top.label : component.label) ?? '',
        type: component.type,
        required: component.required ?? true,
        value: component.value ?? '',
        options: component.options ?? [],
        component,
      },
    ];
  });
}

/** Throws NotPossible for what the client would not send. */
export function submitComponents(
  core: Core,
  channel: ChannelRecord,
  components: readonly Component[],
  values: Record<string, FieldValue>,
): { components: JsonObject[]; resolved: JsonObject | undefined } {
  let resolved: JsonObject | undefined;
  const sent = components.map((top, index) => {
    const [field] = fieldsOf([top]);
    if (field === undefined) return { type: top.type, id: top.id ?? index + 1 };
    const value = values[field.customId] ?? values[field.label];
    const { data, resolved: more } = submitField(core, channel, field, value);
    if (more !== undefined) resolved = { ...resolved, ...more };
    const inner = {
      type: field.type,
      id: field.component.id ?? 100 + index,
      custom_id: field.customId,
      ...data,
    };
    return top.type === 18
      ? { type: 18, id: top.id ?? index + 1, component: inner }
      : { type: 1, id: top.id ?? index + 1, components: [inner] };
  });
  return { components: sent, resolved };
}

function submitField(
  core: Core,
  channel: ChannelRecord,
  field: FormField,
  value: FieldValue | undefined,
): { data: JsonObject; resolved?: JsonObject } {
  const fail = (why: string): never => {
    throw new NotPossible(`"${field.label || field.customId}" ${why}`);
  };
  const { component } = field;
  if (field.type === 4) {
    const text = typeof value === 'string' ? value : value === undefined ? field.value : fail('takes a text');
    if (text === '' && field.required) fail('is required');
    if (text !== '' && text.length < (component.min_length ?? 0)) fail('is too short');
    if (text.length > (component.max_length ?? 4000)) fail('is too long');
    return { data: { value: text } };
  }
  if (field.type === 19) {
    const files = typeof value === 'object' && 'files' in value ? value.files : [];
    if (field.required && files.length < (component.min_values ?? 1)) fail('needs a file');
    if (files.length > (component.max_values ?? 1)) fail('takes fewer files');
    const uploads = files.map((file) => uploadFile(core, file));
    return {
      data: { values: uploads.map(({ id }) => id) },
      resolved: {
        attachments: Object.fromEntries(
          uploads.map((upload) => [upload.id, core.wire.attachment(upload, channel.id)]),
        ),
      },
    };
  }
  const chosen = Array.isArray(value)
    ? (value as readonly string[])
    : typeof value === 'string'
      ? [value]
      : [];
  if (chosen.length === 0 && !field.required) return { data: { values: [] } };
  if (chosen.length < (component.min_values ?? 1) || chosen.length > (component.max_values ?? 1))
    fail('needs another number of choices');
  if (field.type === 3) {
    for (const one of chosen)
      if (!field.options.some((option) => option.value === one)) fail(`has no option "${one}"`);
    return { data: { values: chosen } };
  }
  return {
    data: withoutUndefined({ values: chosen }),
    resolved: resolveEntities(core, channel, field.type, chosen),
  };
}
