/** What the person at the terminal reads about each pairing: a line when something changes, and no more. */

import { type Pairing, type PairingId, pairingId } from '../home/pairings.ts';
import type { LinkStatus } from '../link/link.ts';

export class StatusWords {
  readonly #print: (line: string) => void;
  readonly #last = new Map<PairingId, string>();
  readonly #over = new Set<PairingId>();

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  paired(pairing: Pairing, fingerprint: string): void {
    this.#print(
      `Paired with ${clean(pairing.guildName)} for ${clean(pairing.ownerName)}. Fingerprint of this machine's key:`,
    );
    this.#print(`    ${fingerprint}`);
    this.#print(
      'In Discord press Continue, compare the fingerprint there with this one, and press Confirm. Until then the key opens nothing.',
    );
  }

  show(pairing: Pairing, status: LinkStatus): void {
    const id = pairingId(pairing);
    if (status.is === 'stopped') this.#over.add(id);
    const words = this.#words(pairing, status);
    if (words === null || this.#last.get(id) === words) return;
    this.#last.set(id, words);
    this.#print(words);
  }

  /** No server is left that this runner could serve. */
  allOver(pairings: readonly Pairing[]): boolean {
    return pairings.every((pairing) => this.#over.has(pairingId(pairing)));
  }

  #words(pairing: Pairing, status: LinkStatus): string | null {
    const guild = clean(pairing.guildName);
    switch (status.is) {
      case 'connecting':
        return null;
      case 'online':
        return `Online in ${guild}.`;
      case 'waiting':
        switch (status.why) {
          case 'unconfirmed':
            return `${guild}: waiting for the Confirm button in Discord.`;
          case 'superseded':
            return `${guild}: another process signed in with this runner's key. Trying again in half a minute.`;
          case 'unauthorized':
            return `${guild}: the Worker does not accept this machine's signature. Is its clock right? Trying again.`;
          case 'offline':
          case 'refused':
            return `${guild}: ${new URL(pairing.origin).host} cannot be reached. Running turns go on, nothing is lost; trying again.`;
          case 'slept':
            return null;
        }
        return null;
      case 'stopped':
        switch (status.why) {
          case 'closed':
            return null;
          case 'removed':
          case 'unauthorized':
            return `${guild}: this runner was removed there. Its sessions were ended; Claude's own files stay. Pair again with /runner pair.`;
          case 'unknown':
          case 'gone':
            return `${guild}: the Worker at ${pairing.origin} does not know this runner. Pair again with /runner pair.`;
          case 'version':
            return `${guild}: Worker and runner do not speak the same version. Update the older of the two.`;
        }
    }
  }
}

/** A server's name is somebody else's text. */
function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 100);
}
