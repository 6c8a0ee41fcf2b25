/** What people did and were told: one side of the books. */
import type { MessageId, Snowflake } from '../../protocol/ids.ts';

/** `taken`: Heddle said yes. `lost`: no answer came, so it may have been taken. */
export type Told = 'taken' | 'lost';

export interface Asked {
  /** A word that only this prompt has. */
  readonly token: string;
  readonly thread: Snowflake;
  readonly kind: 'say' | 'run' | 'stream';
  readonly told: Told;
}

export interface Decided {
  readonly thread: Snowflake;
  readonly card: MessageId;
  /** The prompt whose command it is about. */
  readonly token: string;
  readonly verdict: 'allow' | 'deny';
  readonly told: Told;
}

export class Ledger {
  readonly asked: Asked[] = [];
  readonly decided: Decided[] = [];
  /** Messages that a moderator deleted. */
  readonly deleted = new Set<string>();
  readonly weather = new Map<string, number>();
  stops = 0;
  ends = 0;
  #tokens = 0;

  token(): string {
    this.#tokens += 1;
    return `tok${this.#tokens}x`;
  }

  happened(what: string): void {
    this.weather.set(what, (this.weather.get(what) ?? 0) + 1);
  }
}
