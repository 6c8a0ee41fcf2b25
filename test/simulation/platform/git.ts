/** git for the look after a turn: the folder is in no repository. A real git takes real time, and the simulation has none. */
export const gitStatus = () => Promise.resolve({ ok: false });
export const changedLines = () => Promise.resolve(null);
export const aheadBehind = () => Promise.resolve(null);
