/** Which functions of the product were entered, by V8's own count. */
import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url).href;
const PRODUCT = /^(worker|runner|protocol)\//;

export interface Walked {
  /** `file: function`, of those that have a name. */
  readonly functions: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
}

export class Coverage {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  }

  /** Since it was taken last; counting begins anew. At once: whoever calls it in the middle of something gets what came before. */
  take(): Walked {
    const functions = new Set<string>();
    const files = new Set<string>();
    this.#session.post('Profiler.takePreciseCoverage', (_error, { result }) => {
      for (const script of result) {
        if (!script.url.startsWith(ROOT)) continue;
        const file = fileURLToPath(script.url).slice(fileURLToPath(ROOT).length);
        if (!PRODUCT.test(file)) continue;
        const entered = script.functions.filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0);
        // A module's own code is a function without a name, and so is an arrow in an argument: the place where it stands counts as entered.
        if (entered.length > 0) files.add(file);
        for (const { functionName } of entered)
          if (functionName !== '') functions.add(`${file}: ${functionName}`);
      }
    });
    return { functions, files };
  }
}
