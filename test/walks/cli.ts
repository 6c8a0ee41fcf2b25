/** `node:child_process` for the runner's Claude: a CLI that is no process. The walks speak for it, and see what is written to it. */
import { EventEmitter } from 'node:events';

export class Cli extends EventEmitter {
  readonly pid = 4711;
  readonly stdout = Object.assign(new EventEmitter(), { destroy: () => {} });
  readonly stderr = Object.assign(new EventEmitter(), { destroy: () => {}, setEncoding: () => {} });
  readonly stdin = Object.assign(new EventEmitter(), {
    writable: true,
    write: (line: string) => heard(JSON.parse(line)),
    end: () => {},
  });

  say(line: object): void {
    this.stdout.emit('data', Buffer.from(`${JSON.stringify(line)}\n`));
  }
}

/** The one that was started last. */
export let cli: Cli | null = null;

let heard: (line: Line) => void = () => {};
export interface Line {
  readonly type: string;
  readonly uuid?: string;
  readonly request_id?: string;
  readonly request?: { readonly subtype: string };
}
/** What is called with each line on its stdin, before anything else happens. */
export function onStdin(listener: (line: Line) => void): void {
  heard = listener;
}

export function spawn(): Cli {
  cli = new Cli();
  return cli;
}
