/**
 * The one place that decides who may do what. Pure, and it fails closed: a fact that is missing is a refusal.
 * Each object calls it inside the transaction that acts on the answer.
 */

import type { RoleId, UserId } from '../../protocol/ids.ts';
import { assertNever } from '../../protocol/never.ts';

/** Who acts, as Discord's signed payload says. */
export interface Member {
  readonly id: UserId;
  /** The name that the guild shows. Untrusted text. */
  readonly name: string;
  readonly roles: readonly RoleId[];
  /** Discord's permission bits of the member in the channel, in decimal. */
  readonly permissions: string;
}

export interface RunnerAccess {
  readonly owner: UserId;
  readonly ownerName: string;
  readonly members: readonly UserId[];
  readonly roles: readonly RoleId[];
  /** Taken away with `/runner remove`: nobody may do anything on it. */
  readonly removed: boolean;
  /** Raised by each change; an older copy is ignored. */
  readonly rev: number;
  /** The keys that it may sign in with, two while one is being replaced. Absent in what older code stored: the one it was paired with. */
  readonly keys?: readonly string[];
}

export type Action =
  /** Begin a session on a runner. */
  | 'start'
  /** Give a session its next prompt. */
  | 'ask'
  /** Change the words of a prompt that waits: they stand under its author's name. */
  | 'edit'
  /** Interrupt its turn, cancel its queue. */
  | 'stop'
  /** Answer its requests. */
  | 'decide'
  /** Write a rule into the settings of a project on the runner. */
  | 'keepRule'
  /** End its conversation. */
  | 'end'
  /** Say what it may cost. */
  | 'budget'
  /** Read its state. */
  | 'status'
  /** Say what a session of this guild may cost when nobody says otherwise. */
  | 'guildBudget'
  /** Add a runner to this guild. */
  | 'pair'
  /** Look at a pairing, or refuse its runner: for whoever began it. Taking a key away again needs no more. */
  | 'answerPairing'
  /** Bind a channel to a project, or free it. That gives nobody the use of a runner. */
  | 'bind'
  /** Go on with a conversation that the runner's owner had with Claude without Heddle. */
  | 'adopt'
  /** Share a runner, take a share back, remove the runner. */
  | 'manageRunner';

export interface Facts {
  readonly runner: RunnerAccess | null;
  /** Who began the session; null where the action is not about one. */
  readonly starter: UserId | null;
  /** Whose prompt, or pairing, it is about: for `edit` and `answerPairing`. */
  readonly author?: UserId;
}

export type Permission = { readonly ok: true } | { readonly ok: false; readonly why: Why };

/** Why not, for the words that the refusal gives. */
export type Why =
  | 'needsManageChannels'
  | 'needsManageServer'
  | 'noRunner'
  | 'runnerRemoved'
  | 'notShared'
  | 'notStarterOrOwner'
  | 'notAuthor'
  | 'notOwner';

/** Discord: MANAGE_CHANNELS is bit 4, MANAGE_GUILD bit 5, ADMINISTRATOR bit 3. */
const MANAGE_CHANNELS = 1n << 4n;
const MANAGE_GUILD = 1n << 5n;
const ADMINISTRATOR = 1n << 3n;

const YES: Permission = { ok: true };
const no = (why: Why): Permission => ({ ok: false, why });

/** Whether `member` may do `action`. Managing the server gives nobody a shell on somebody else's machine. */
export function may(member: Member, action: Action, facts: Facts): Permission {
  switch (action) {
    case 'pair':
    case 'guildBudget':
      return has(member, MANAGE_GUILD | ADMINISTRATOR) ? YES : no('needsManageServer');
    case 'bind':
      return has(member, MANAGE_CHANNELS | MANAGE_GUILD | ADMINISTRATOR) ? YES : no('needsManageChannels');
    case 'status':
      return YES;
    case 'answerPairing':
      return facts.author === member.id ? YES : no('notAuthor');
    case 'adopt': {
      const runner = mayUseRunner(member, facts.runner);
      if (!runner.ok) return runner;
      return facts.runner?.owner === member.id ? YES : no('notOwner');
    }
    case 'keepRule':
      if (facts.runner === null) return no('noRunner');
      if (facts.runner.removed) return no('runnerRemoved');
      return facts.runner.owner === member.id ? YES : no('notOwner');
    case 'manageRunner':
      if (facts.runner === null) return no('noRunner');
      return facts.runner.owner === member.id ? YES : no('notOwner');
    case 'start':
      return mayUseRunner(member, facts.runner);
    case 'edit': {
      const ask = may(member, 'ask', facts);
      if (!ask.ok) return ask;
      return facts.author === member.id ? YES : no('notAuthor');
    }
    case 'ask':
    case 'stop':
    case 'decide':
    case 'end':
    case 'budget': {
      const runner = mayUseRunner(member, facts.runner);
      if (!runner.ok) return runner;
      return member.id === facts.starter || member.id === facts.runner?.owner ? YES : no('notStarterOrOwner');
    }
    default:
      return assertNever(action);
  }
}

function mayUseRunner(member: Member, runner: RunnerAccess | null): Permission {
  if (runner === null) return no('noRunner');
  if (runner.removed) return no('runnerRemoved');
  const shared =
    runner.owner === member.id ||
    runner.members.includes(member.id) ||
    member.roles.some((role) => runner.roles.includes(role));
  return shared ? YES : no('notShared');
}

/** One of these permission bits. */
function has(member: Member, bits: bigint): boolean {
  try {
    return (BigInt(member.permissions) & bits) !== 0n;
  } catch {
    return false;
  }
}
