import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** Chromium of its own needs no network of its own either: these keep it from looking for Google's hosts. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** The Chromium that CHROMIUM_PATH names, or the one inside @sparticuz/chromium. */
export async function startBrowser(): Promise<Browser> {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined && named !== '')
    return chromium.launch({ executablePath: named, args: ['--no-sandbox', '--disable-gpu', ...QUIET] });
  // As a single process it crashes when several pages are opened one after another.
  const args = sparticuz.args.filter((arg) => arg !== '--single-process' && arg !== '--disable-web-security');
  return chromium.launch({ executablePath: await sparticuz.executablePath(), args: [...args, ...QUIET] });
}
