/** `worker/link/auth.ts` without the signature, whose checking takes real time. Who signed is believed; what is stored of them decides. */
export interface Known {
  readonly runner: string;
  readonly publicKeys: readonly string[];
  readonly standing: 'confirmed' | 'unconfirmed' | 'removed';
}

export async function authorize(header: string | null, find: (runner: string) => Known | null) {
  const payload = header?.split('.')[1] ?? '';
  const { iss } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iss: string };
  const known = find(iss);
  if (known === null) return { ok: false, status: 404, error: 'unknown', why: 'UnknownRunner' };
  if (known.standing !== 'confirmed')
    return { ok: false, status: 403, error: known.standing, why: known.standing };
  return { ok: true, runner: known.runner, key: known.publicKeys[0] ?? '' };
}
