/** The scripted model against what the real CLI offers. */
import { describe, expect, it } from 'vitest';
import { answer, type Body } from '../../../playground/model/play.ts';
import { parseBody } from '../../../playground/model/request.ts';
import { SCENES } from '../../../playground/model/scenes.ts';
import { Session, scene } from './session.ts';

/** The CLI's own request, with another prompt. */
async function requestOf(prompt: string): Promise<Body> {
  const from = await scene();
  const session = new Session(from);
  await session.claude.start();
  await session.ended(session.prompt('the prompt'));
  const raw = from.model.requests.find((request) => request.prompt === 'the prompt')?.raw ?? '';
  const body = parseBody(raw.replaceAll('"the prompt"', JSON.stringify(prompt)));
  if (body === null) throw new Error('the CLI asked nothing');
  return body;
}

/** Plays to the end, each call done; gives the tools that were called, and what the model refused. */
function played(body: Body): { called: string[]; refused: readonly string[] } {
  const called: string[] = [];
  for (;;) {
    const { blocks, failure } = answer(body);
    if (failure?.type === 'unoffered') return { called, refused: failure.tools };
    const calls = blocks.flatMap((block, id) =>
      block.type === 'tool' ? [{ ...block, id: String(id) }] : [],
    );
    if (calls.length === 0) return { called, refused: [] };
    called.push(...calls.map(({ name }) => name));
    const found = calls.flatMap(({ name, input }) =>
      name === 'ToolSearch' ? String(input.query).replace('select:', '').split(',') : [],
    );
    body = {
      ...body,
      tools: new Set([...body.tools, ...found]),
      messages: [
        ...body.messages,
        { role: 'assistant', parts: calls.map(({ id, name }) => ({ type: 'call', id, name })) },
        { role: 'user', parts: calls.map(({ id }) => ({ type: 'result', id, text: 'ok', failed: false })) },
      ],
    };
  }
}

describe('the scripted model', () => {
  it('plays no scene with a tool that the CLI does not offer', async () => {
    const body = await requestOf('PLACE OF THE PROMPT');
    for (const { usage, pattern } of SCENES) {
      const word = usage
        .replace('<tool> <json>', 'TaskList {}')
        .replace(/<command>|<text>|<file>/, 'ls')
        .replace('<N>x<C>@<MS>', '3x8@0')
        .replace('<status>', '400')
        .replace('<S>', '9')
        .replace(/ \[.*\]| \| .*/g, '');
      expect(word).toMatch(pattern);
      const asked = JSON.parse(
        JSON.stringify(body.messages).replaceAll('PLACE OF THE PROMPT', JSON.stringify(word).slice(1, -1)),
      );
      expect(played({ ...body, messages: asked }), word).toMatchObject({ refused: [] });
    }
  });
});
