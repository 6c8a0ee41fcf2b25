/**
 * What sessions have cost, by who began them, and all together. Those that are listed are added up when somebody asks; one that is
 * forgotten leaves its numbers in its starter's row, so a turn writes nothing here.
 */
import type { UserId } from '../../../protocol/ids.ts';
import type { SessionSummary, Spent } from '../../domain/contract.ts';
import type { Store } from '../storage/store.ts';

export interface Sum {
  readonly count: number;
  readonly spent: Spent;
}

interface SumRow extends Record<string, SqlStorageValue> {
  readonly sessions: number | null;
  readonly turns: number | null;
  readonly cost_usd: number | null;
  readonly tokens_in: number | null;
  readonly tokens_out: number | null;
}

const LISTED = `SELECT COUNT(*) AS sessions, SUM(json_extract(summary, '$.turns')) AS turns,
  SUM(json_extract(summary, '$.costUsd')) AS cost_usd, SUM(json_extract(summary, '$.tokens.in')) AS tokens_in,
  SUM(json_extract(summary, '$.tokens.out')) AS tokens_out FROM sessions`;
const FORGOTTEN = `SELECT SUM(sessions) AS sessions, SUM(turns) AS turns, SUM(cost_usd) AS cost_usd,
  SUM(tokens_in) AS tokens_in, SUM(tokens_out) AS tokens_out FROM totals`;

export class Sums {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Of the sessions that this person began; null: of all. */
  of(person: UserId | null): Sum {
    const rows =
      person === null
        ? [this.#store.one<SumRow>(LISTED), this.#store.one<SumRow>(FORGOTTEN)]
        : [
            this.#store.one<SumRow>(`${LISTED} WHERE json_extract(summary, '$.starter.id') = ?`, person),
            this.#store.one<SumRow>(`${FORGOTTEN} WHERE person = ?`, person),
          ];
    const sum = (column: keyof SumRow & string) =>
      Math.max(
        0,
        rows.reduce((all, row) => all + Number(row?.[column] ?? 0), 0),
      );
    return {
      count: sum('sessions'),
      spent: {
        turns: sum('turns'),
        costUsd: sum('cost_usd'),
        tokens: { in: sum('tokens_in'), out: sum('tokens_out') },
      },
    };
  }

  /** The session is not listed any more. */
  forgotten({ starter, turns, costUsd, tokens }: SessionSummary): void {
    this.#add(starter.id, 1, { turns, costUsd, tokens });
  }

  /** A forgotten session goes on: what it had spent is listed with it again. */
  cameBack(person: UserId, { turns, costUsd, tokens }: Spent): void {
    const spent = { turns: -turns, costUsd: -costUsd, tokens: { in: -tokens.in, out: -tokens.out } };
    this.#add(person, -1, spent);
  }

  #add(person: UserId, sessions: number, { turns, costUsd, tokens }: Spent): void {
    this.#store.run(
      `INSERT INTO totals (person, sessions, turns, cost_usd, tokens_in, tokens_out) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET sessions = sessions + excluded.sessions, turns = turns + excluded.turns,
       cost_usd = cost_usd + excluded.cost_usd, tokens_in = tokens_in + excluded.tokens_in,
       tokens_out = tokens_out + excluded.tokens_out`,
      person,
      sessions,
      turns,
      costUsd,
      tokens.in,
      tokens.out,
    );
  }
}
