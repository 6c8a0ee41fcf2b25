/** `cloudflare:workers` and `cloudflare:durable-objects`, as far as the objects use them. */
export class DurableObject {
  readonly ctx: unknown;
  readonly env: unknown;
  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** The callers in the model repeat a call that a reset broke by themselves. */
export const retryable = (): void => {};
