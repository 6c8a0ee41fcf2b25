/** Channels that are bound to a project, and several machines, with real runners. */
import { describe, expect, it } from 'vitest';
import { useSystem } from '../stage.ts';

const use = useSystem();

describe('with two machines', () => {
  it('/project bind: /ask there needs no option; runner: chooses by hand; what is not there is refused with words', async () => {
    const { stage } = use;
    const { owner, guild, channel } = stage.system;
    await stage.system.addRunner({
      name: 'desk',
      projects: { web: stage.system.makeFolder('web'), demo: stage.system.makeFolder('desk-demo') },
    });
    const room = guild.createChannel({ name: 'web', type: 'text' });
    const bound = await stage.command(owner, room.id, 'project bind', { project: 'web' });
    expect(bound.text).toContain('**web**');
    await stage.command(owner, room.id, 'ask', { prompt: 'say: in the bound channel' });
    const thread = await stage.discord.waitFor(() => room.threads[0], { what: 'a thread' });
    await stage.says(thread, /^in the bound channel/);
    await stage.says(thread, /web · desk/);

    const chosen = await stage.begin(owner, 'say: on the laptop', { runner: 'laptop' });
    await stage.says(chosen, /demo · laptop/);
    await stage.says(chosen, /^on the laptop/);
    const other = await stage.begin(owner, 'say: on the desk', { runner: 'desk', project: 'demo' });
    await stage.says(other, /demo · desk/);

    const wrong = await stage.command(owner, channel.id, 'new', {
      prompt: 'hi',
      runner: 'laptop',
      project: 'web',
    });
    expect(wrong.text).toMatch(/laptop.*has no project \*\*web\*\*.*desk/s);
    const none = await stage.command(owner, channel.id, 'ask', { prompt: 'hi', runner: 'toaster' });
    expect(none.text).toContain('toaster');
    const stays = await stage.command(owner, chosen.id, 'ask', { prompt: 'hi', runner: 'desk' });
    expect(stays.text).toContain('stays there');

    const offered = await stage.discord
      .user(owner)
      .autocomplete(channel.id, 'new', 'runner', { project: 'web' });
    expect(offered.choices.map(({ value }) => value)).toEqual(['desk']);

    const { text: list } = await stage.command(owner, channel.id, 'runner list');
    for (const words of [
      /\*\*desk\*\* · olga · 🟢 online since/,
      /of 8 processes/,
      /projects: web, demo/,
      /Claude \d/,
    ])
      expect(list).toMatch(words);
    const { text: projects } = await stage.command(owner, channel.id, 'project list');
    expect(projects).toContain(`bound: <#${room.id}>`);
  });

  it('only who manages the channel binds it, and a bound project that is gone is said', async () => {
    const { stage } = use;
    const { owner, guild } = stage.system;
    const room = guild.createChannel({ name: 'room', type: 'text' });
    const guest = guild.addMember({ name: 'gwen' });
    const refused = await stage.command(guest, room.id, 'project bind', { project: 'demo' });
    expect(refused.text).toContain('Manage Channels');
    await stage.command(owner, room.id, 'project bind', { project: 'demo', runner: 'desk' });
    await stage.command(owner, room.id, 'runner remove', { runner: 'desk' });
    const gone = await stage.command(owner, room.id, 'ask', { prompt: 'say: hi' });
    expect(gone.text).toMatch(/bound to \*\*demo\*\* on \*\*desk\*\*.*was removed/s);
    expect(room.threads).toEqual([]);
    await stage.command(owner, room.id, 'project unbind');
    await stage.command(owner, room.id, 'ask', { prompt: 'say: free again' });
    const thread = await stage.discord.waitFor(() => room.threads[0], { what: 'a thread' });
    await stage.says(thread, /^free again/);
  });
});
