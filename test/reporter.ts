import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/**
 * The last word of a test run: counts by layer, then `N passed, N failed` alone on a line. It fails the run when a layer ran no test and
 * when a test was skipped without saying why, so that neither can pass unseen.
 */
export default class CountingReporter implements Reporter {
  #projects: readonly string[] = [];
  /** Tests were chosen by name (`-t`), so all others are meant to be left out. */
  #byName = false;

  onInit(vitest: Vitest): void {
    this.#projects = vitest.projects.map((project) => project.name);
    this.#byName = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    const broken = modules.filter((module) => module.state() === 'failed' && !hasFailedTest(module)).length;
    let failed = tests.filter((test) => test.result().state === 'failed').length + broken + errors.length;

    console.log('');
    for (const name of this.#projects) {
      const own = tests.filter((test) => test.project.name === name);
      console.log(`${name}: ${own.length} tests`);
      if (own.length === 0) {
        failed += 1;
        console.log(`  FAILED: the layer "${name}" ran no test`);
      }
    }
    const left = this.#byName ? [] : tests.filter((t) => ['skipped', 'pending'].includes(t.result().state));
    for (const test of left) {
      const reason = skipReason(test);
      console.log(
        `  ${reason === null ? 'FAILED: skipped without a reason' : `skipped (${reason})`}: ${test.fullName}`,
      );
      if (reason === null) failed += 1;
    }
    if (failed > 0) process.exitCode = 1;
    console.log(`${passed} passed, ${failed} failed`);
  }
}

function hasFailedTest(module: TestModule): boolean {
  return [...module.children.allTests()].some((test) => test.result().state === 'failed');
}

/** What `context.skip('why')` was given. */
function skipReason(test: TestCase): string | null {
  const result = test.result();
  return 'note' in result && typeof result.note === 'string' && result.note !== '' ? result.note : null;
}
