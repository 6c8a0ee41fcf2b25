/** Claude's to-do list, from the calls that write it. Claude: `TodoWrite` sends the whole; `TaskCreate` and `TaskUpdate` change one item. */

import type { Todo } from '../../../protocol/events.ts';
import { TODO_MAX, TODOS_MAX } from '../../../protocol/limits.ts';
import { clip, oneLine } from '../line/clip.ts';
import { type Json, record, records, string } from '../line/json.ts';

export class TodoList {
  /** In their order; the key is the CLI's id of a task. */
  #items = new Map<string, Todo>();
  /** Tasks whose id the CLI has not told yet, by the call that creates them. */
  readonly #creating = new Map<string, string>();
  #created = 0;

  /** The whole list as this call leaves it; null when it writes none, or changes an item that is not known. */
  written(name: string, input: Json, call: string): readonly Todo[] | null {
    switch (name) {
      case 'TodoWrite': {
        const todos = records(input, 'todos').slice(0, TODOS_MAX);
        this.#items = new Map(todos.map((item, at) => [`${at}`, todo(item)]));
        return this.#list();
      }
      case 'TaskCreate':
        this.#created += 1;
        // Until the CLI says otherwise: it counts from 1, but goes on where a resumed conversation stopped.
        this.#creating.set(call, `${this.#created}`);
        this.#items.set(`${this.#created}`, todo(input));
        return this.#list();
      case 'TaskUpdate':
        return this.#update(string(input, 'taskId') ?? '', input);
      default:
        return null;
    }
  }

  /** A call returned; `detail` is the CLI's own account of it. */
  returned(call: string, detail: Json): void {
    const given = this.#creating.get(call);
    if (given === undefined) return;
    this.#creating.delete(call);
    const id = string(record(detail, 'task'), 'id');
    const item = this.#items.get(given);
    if (id === null || id === given || item === undefined) return;
    this.#items = new Map([...this.#items].map(([key, each]) => [key === given ? id : key, each]));
    if (Number.isSafeInteger(Number(id))) this.#created = Math.max(this.#created, Number(id));
  }

  #update(id: string, input: Json): readonly Todo[] | null {
    const item = this.#items.get(id);
    if (item === undefined) return null;
    if (string(input, 'status') === 'deleted') this.#items.delete(id);
    else {
      const subject = string(input, 'subject');
      const status = string(input, 'status');
      this.#items.set(id, {
        text: subject === null ? item.text : words(subject),
        state: status === null ? item.state : stateOf(status),
      });
    }
    return this.#list();
  }

  #list(): readonly Todo[] {
    return [...this.#items.values()].slice(0, TODOS_MAX);
  }
}

function todo(item: Json): Todo {
  const text = string(item, 'content') ?? string(item, 'subject') ?? '';
  return { text: words(text), state: stateOf(string(item, 'status') ?? 'pending') };
}

function words(text: string): string {
  return clip(oneLine(text), TODO_MAX);
}

function stateOf(status: string): Todo['state'] {
  if (status === 'completed') return 'done';
  return status === 'in_progress' ? 'active' : 'open';
}
