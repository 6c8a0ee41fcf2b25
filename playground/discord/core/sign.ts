import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** The headers that Discord signs a request with. */
export interface Signed {
  readonly signature: string;
  readonly timestamp: string;
}

/** Length of the SPKI prefix before the 32 raw bytes of an Ed25519 public key. */
const SPKI_PREFIX_BYTES = 12;

/** The application's Ed25519 key pair, made anew for each emulator. */
export class Signer {
  readonly publicKey: string;
  private readonly key: KeyObject;
  private readonly strangerKey: KeyObject;

  constructor() {
    const pair = generateKeyPairSync('ed25519');
    this.key = pair.privateKey;
    this.publicKey = pair.publicKey
      .export({ type: 'spki', format: 'der' })
      .subarray(SPKI_PREFIX_BYTES)
      .toString('hex');
    this.strangerKey = generateKeyPairSync('ed25519').privateKey;
  }

  /** Signs as Discord does: over the timestamp in seconds followed by the raw body. */
  sign(body: string, timestamp = String(Math.floor(Date.now() / 1000))): Signed {
    return { timestamp, signature: sign(null, Buffer.from(timestamp + body), this.key).toString('hex') };
  }

  /** A well-formed signature by a key that is not Discord's. */
  forge(body: string, timestamp = String(Math.floor(Date.now() / 1000))): Signed {
    return {
      timestamp,
      signature: sign(null, Buffer.from(timestamp + body), this.strangerKey).toString('hex'),
    };
  }
}
