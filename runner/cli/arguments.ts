/** The arguments of `npm run runner`, read with commander. */
import { Command, CommanderError } from 'commander';
import { openHome } from '../home/home.ts';
import { parseProjectOption } from '../home/projects.ts';
import { VERSION } from '../home/version.ts';
import { listProjects, putProject, removeProject, showStatus } from '../session/commands.ts';
import { run } from './run.ts';

interface Options {
  readonly claude?: string;
  readonly name?: string;
  readonly project: readonly string[];
  readonly yes?: boolean;
}

/** Runs what the arguments say; gives the exit code. Throws a `Failure`. */
export async function runArguments(argv: readonly string[], print: (line: string) => void): Promise<number> {
  let code = 0;
  const program = new Command('heddle-runner')
    .description('Runs Claude Code on this machine for the Discord servers it is paired with.')
    .version(VERSION)
    .argument('[link]', 'pair with the server that this link of /runner pair comes from, then run')
    .option('--claude <path>', 'the Claude CLI (else CLAUDE_BIN, else the one that is installed)')
    .option('--name <name>', 'what Discord calls this runner (else the name of this machine)')
    .option(
      '--project <name=path>',
      'offer this folder under this name; repeatable (else it asks)',
      (value: string, before: readonly string[]) => [...before, value],
      [] as readonly string[],
    )
    .option('--yes', 'ask nothing')
    .exitOverride()
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: (text) => print(text.trimEnd()) })
    .action(async (link: string | undefined, options: Options) => {
      const { claude, name } = options;
      code = await run(
        {
          projects: options.project.map(parseProjectOption),
          yes: options.yes === true,
          ...(link === undefined ? {} : { link }),
          ...(claude === undefined ? {} : { claude }),
          ...(name === undefined ? {} : { name }),
        },
        { print },
      );
    });

  program
    .command('status')
    .description('what this runner is paired with, and whether it runs')
    .action(() => showStatus(openHome(), print));
  const projects = program.command('projects').description('the folders that sessions may run in');
  projects
    .command('list', { isDefault: true })
    .description('names, folders, and the servers that see them')
    .action(() => listProjects(openHome(), print));
  projects
    .command('add')
    .description('offer a folder to all paired servers, or to one')
    .argument('<name=path>')
    .option('--guild <id>', 'only to this server')
    .action((option: string, { guild }: { guild?: string }) =>
      putProject(openHome(), parseProjectOption(option), guild, print),
    );
  projects
    .command('remove')
    .description('offer it no more; the folder stays as it is')
    .argument('<name>')
    .action((name: string) => removeProject(openHome(), name, print));

  program
    .command('rotate')
    .description('replaces the keys of this machine; names, shares and sessions stay')
    .option('--guild <id>', 'only the one of this server')
    .action(async ({ guild }: { guild?: string }) => {
      const { rotate } = await import('../pairing/rotation.ts');
      code = await rotate({ home: openHome(), print, ...(guild === undefined ? {} : { guild }) });
    });

  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    // Help and usage errors: commander has printed them.
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  return code;
}
