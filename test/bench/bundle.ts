/** The Worker's bundle as it is uploaded: minified, gzipped. */
import { gzipSync } from 'node:zlib';
import { bundle } from '../../playground/worker.ts';
import { type Figure, figure } from './figure.ts';
import type { Run } from './options.ts';

const KIB = 1024;

export async function bundleSize(run: Run): Promise<Figure[]> {
  if (!run.wants('bundle')) return [];
  const text = await bundle();
  return [
    figure('bundle of the Worker, gzipped', gzipSync(text, { level: 9 }).length / KIB, 'KiB', { under: 60 }),
    figure('bundle of the Worker, minified', Buffer.byteLength(text) / KIB, 'KiB'),
  ];
}
