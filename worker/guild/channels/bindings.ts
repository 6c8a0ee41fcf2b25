/** Channels that are bound to a project: what begins there, or in a thread of it, needs no option. */
import type { ChannelId, ProjectName, RunnerId, UserId } from '../../../protocol/ids.ts';
import type { Person } from '../../domain/transcript.ts';
import type { Store } from '../storage/store.ts';

export interface Binding {
  readonly channel: ChannelId;
  readonly project: ProjectName;
  /** Null: any runner that has the project. */
  readonly runner: RunnerId | null;
  readonly by: Person;
}

interface BindingRow extends Record<string, SqlStorageValue> {
  channel: string;
  project: string;
  runner: string | null;
  member: string;
  member_name: string;
}

export class Bindings {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  get(channel: ChannelId): Binding | null {
    const row = this.#store.one<BindingRow>('SELECT * FROM bindings WHERE channel = ?', channel);
    return row === null ? null : fromRow(row);
  }

  all(): Binding[] {
    return this.#store.all<BindingRow>('SELECT * FROM bindings ORDER BY project, channel').map(fromRow);
  }

  set({ channel, project, runner, by }: Binding, nowMs: number): void {
    this.#store.run(
      `INSERT OR REPLACE INTO bindings (channel, project, runner, member, member_name, at_ms) VALUES (?, ?, ?, ?, ?, ?)`,
      channel,
      project,
      runner,
      by.id,
      by.name,
      nowMs,
    );
  }

  drop(channel: ChannelId): void {
    this.#store.run('DELETE FROM bindings WHERE channel = ?', channel);
  }
}

function fromRow(row: BindingRow): Binding {
  return {
    channel: row.channel as ChannelId,
    project: row.project as ProjectName,
    runner: row.runner as RunnerId | null,
    by: { id: row.member as UserId, name: row.member_name },
  };
}
