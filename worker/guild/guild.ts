import { retryable } from 'cloudflare:durable-objects';
import { DurableObject } from 'cloudflare:workers';
import type { PairRequest, PairResponse } from '../../protocol/guild.ts';
import type { Member } from '../access.ts';
import type { Answer, GuildAct, ReportReceipt, SessionReport } from '../contract.ts';

/** One Discord server: its runners, who may use them, its sessions' directory, and what its parent channels show. */
export class Guild extends DurableObject<Env> {
  static {
    retryable(Guild.prototype.act, Guild.prototype.report, Guild.prototype.pair, Guild.prototype.choices);
  }

  async act(_act: GuildAct): Promise<Answer> {
    return { kind: 'private', text: 'Not built yet.' };
  }
  async report(_report: SessionReport): Promise<ReportReceipt> {
    throw new Error('not built yet');
  }
  async pair(_request: PairRequest): Promise<PairResponse | { error: string }> {
    return { error: 'unknown' };
  }
  async choices(_member: Member, _text: string): Promise<string[]> {
    return [];
  }
}
