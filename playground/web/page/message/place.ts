import type { MessageShown } from '../../wire.ts';
import type { Page } from '../base/page.ts';
import type { Spoilers } from '../markdown/draw.ts';

export interface Place {
  readonly page: Page;
  readonly message: MessageShown;
  readonly spoilers: Spoilers;
}
