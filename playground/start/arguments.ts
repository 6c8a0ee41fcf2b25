/** The arguments of `npm start`. */
export const DEFAULT_PORT = 4173;

export interface StartArguments {
  /** Null: the default one, or the next that is free. 0: any. */
  readonly port: number | null;
  /** The folder that the person's own Claude works in; null: a scratch project and the scripted model. */
  readonly live: string | null;
  /** The Claude CLI; null: `CLAUDE_BIN`, else the installed one. */
  readonly claude: string | null;
}

export type Parsed =
  | { readonly is: 'start'; readonly arguments: StartArguments }
  | { readonly is: 'help' }
  | { readonly is: 'wrong'; readonly words: string };

const PORT_MAX = 65_535;

export const HELP = `Heddle's playground: a local Discord in a web page, with all of Heddle behind it.

  npm start                       with a scratch project and a scripted model: no account, no key, no network
  npm start -- --live [FOLDER]    with your own Claude, in FOLDER (default: the current folder)

  --port N        the page's port (default ${DEFAULT_PORT}, or the next that is free)
  --claude PATH   the Claude CLI to use
  --help          this text

Ctrl-C ends everything that it started.`;

export function parseArguments(argv: readonly string[]): Parsed {
  let port: number | null = null;
  let live: string | null = null;
  let claude: string | null = null;
  const rest = argv.flatMap((arg) => {
    const [, name, value] = /^(--\w+)=(.*)$/s.exec(arg) ?? [];
    return name === undefined || value === undefined ? [arg] : [name, value];
  });
  const wrong = (words: string): Parsed => ({
    is: 'wrong',
    words: `${words} \`npm start -- --help\` lists what there is.`,
  });
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    switch (arg) {
      case '--help':
      case '-h':
        return { is: 'help' };
      case '--port': {
        const text = rest.shift() ?? '';
        if (!/^\d{1,5}$/.test(text) || Number(text) > PORT_MAX)
          return wrong(`--port needs a number up to ${PORT_MAX}, not "${text}".`);
        port = Number(text);
        break;
      }
      case '--live': {
        const next = rest[0];
        live = next === undefined || next.startsWith('--') ? '.' : (rest.shift() ?? '.');
        break;
      }
      case '--claude':
        claude = rest.shift() ?? '';
        if (claude === '') return wrong('--claude needs the path of the Claude CLI.');
        break;
      default:
        return wrong(`"${arg}" means nothing here.`);
    }
  }
  return { is: 'start', arguments: { port, live, claude } };
}
