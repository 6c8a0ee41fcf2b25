/** The client refuses: a real person could not have done this. */
export class NotPossible extends Error {
  constructor(why: string) {
    super(`a person cannot do this: ${why}`);
    this.name = 'NotPossible';
  }
}
