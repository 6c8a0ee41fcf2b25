import { describe, expect, it } from 'vitest';
import { slotFile } from '../../../worker/session/view/slot-file.ts';
import { View } from '../../../worker/session/view/view.ts';
import { Play } from './play.ts';

/** The name and the text of the file that the card of this input attaches. */
function attached(input: unknown): { readonly name: string | undefined; readonly text: unknown } {
  const play = new Play().open({ text: 'go' });
  const turn = play.begin();
  play.request('r1', turn, {}, input);
  const card = new View()
    .slots(play.state, play.nowMs, () => false)
    .find((slot) => slot.key.startsWith('r.'));
  const [file] = card?.kind === 'plain' ? card.files : [];
  const store = { input: () => JSON.stringify(input), parts: () => null };
  return { name: file?.name, text: file && slotFile(file.source, play.state, store) };
}

describe('the file of a card holds what its name says', () => {
  it('a command', () => {
    const command = 'echo one\n'.repeat(200);
    expect(attached({ command, timeout: 5 })).toEqual({
      name: 'command.sh',
      text: `# timeout: 5\n${command}\n`,
    });
  });

  it('a change', () => {
    const { name, text } = attached({ file_path: 'a.ts', content: 'x\n'.repeat(200) });
    expect([name, String(text).slice(0, 25)]).toEqual(['change.diff', '# file_path: "a.ts"\n+ x\n+']);
  });

  it('anything else, as deep as it may be', () => {
    const { name, text } = attached({ list: Array.from({ length: 100 }, (_, n) => ({ n })) });
    expect([name, String(text).slice(0, 20)]).toEqual(['input.json', '{\n  "list": [\n    {\n']);
  });
});
