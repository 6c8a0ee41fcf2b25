/** How patient a link is. Tests give shorter times. */
import { PING_INTERVAL_MS, PONG_TIMEOUT_MS, RECONNECT_HEALTHY_MS } from '../../protocol/limits.ts';

export interface LinkTiming {
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
  readonly healthyMs: number;
  /** DNS, TCP, TLS and the upgrade's answer together. */
  readonly handshakeTimeoutMs: number;
  /** Pings are answered without the object; this finds an object that does not answer. */
  readonly welcomeTimeoutMs: number;
  /** While the member has not confirmed the key yet: they look at both screens and wait. */
  readonly unconfirmedPollMs: number;
  /** How often the wall clock is looked at, to notice that the machine slept. */
  readonly sleepCheckMs: number;
  /** The wall clock moved on by this much more than it should have: the machine slept, its sockets are dead. */
  readonly sleepSlackMs: number;
}

export const LINK_TIMING: LinkTiming = {
  pingIntervalMs: PING_INTERVAL_MS,
  pongTimeoutMs: PONG_TIMEOUT_MS,
  healthyMs: RECONNECT_HEALTHY_MS,
  handshakeTimeoutMs: 15_000,
  welcomeTimeoutMs: 15_000,
  unconfirmedPollMs: 2_000,
  sleepCheckMs: 5_000,
  sleepSlackMs: 10_000,
};
