/** `npm run chaos -- --seconds N [--seed S]`: the whole system with the real CLI while everything fails at random. Exit code 1: the books do not balance. */
import { type ChaosReport, chaos } from './chaos.ts';
import { type ChaosOptions, readOptions, USAGE } from './options.ts';

let options: ChaosOptions;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exit(2);
}
console.log(`chaos: ${options.seconds} s, --seed ${options.seed}`);
const report = await chaos(options);
print(report);
if (report.differences.length > 0) {
  console.log(report.shown);
  for (const difference of report.differences) console.log(`DIFFERENCE ${difference}`);
  console.log(`${report.differences.length} differences with --seed ${options.seed}`);
  process.exitCode = 1;
} else console.log('All differences are zero.');

function print({ account, stops, ends, weather }: ChaosReport): void {
  for (const [what, count] of Object.entries(weather).sort(([, one], [, other]) => other - one))
    console.log(`${String(count).padStart(6)}  ${what}`);
  console.log(`${String(stops).padStart(6)}  /stop`);
  console.log(`${String(ends).padStart(6)}  /end, /resume`);
  for (const [what, counts] of Object.entries(account))
    console.log(
      `${what}: ${Object.entries(counts)
        .map(([name, count]) => `${count} ${name}`)
        .join(', ')}`,
    );
}
