import type { ServerResponse } from 'node:http';
import type { Core } from '../core/core.ts';

/** Serves a stored file at the signed URL that a message names. Discord: such a URL expires, and asks for no token. */
export function serveAttachment(core: Core, url: URL, response: ServerResponse): void {
  const [, , , id = ''] = url.pathname.split('/');
  const attachment = core.world.attachments.get(id);
  const ex = url.searchParams.get('ex') ?? '';
  const is = url.searchParams.get('is') ?? '';
  const signed = url.searchParams.get('hm') === core.wire.cdnSignature(id, ex, is);
  const fresh = Number.parseInt(ex, 16) * 1000 > core.world.clock.now();
  if (attachment === undefined || !signed || !fresh) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('This content is no longer available.');
    return;
  }
  response
    .writeHead(200, {
      'content-type': attachment.contentType || 'application/octet-stream',
      'content-length': attachment.bytes.byteLength,
    })
    .end(attachment.bytes);
}
