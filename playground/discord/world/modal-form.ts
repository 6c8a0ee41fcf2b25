import type { Component } from './model.ts';

export interface ModalForm {
  readonly customId: string;
  readonly title: string;
  readonly components: readonly Component[];
}
