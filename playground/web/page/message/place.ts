import type { MessageShown } from '../../wire.ts';
import type { Spoilers } from '../markdown/draw.ts';
import type { Page } from '../page.ts';

export interface Place {
  readonly page: Page;
  readonly message: MessageShown;
  readonly spoilers: Spoilers;
}
