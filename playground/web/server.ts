/** The page's server: the page, files of messages, and one WebSocket for each open page. On 127.0.0.1 only. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as v from 'valibot';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Snowflake, UserId } from '../../protocol/ids.ts';
import { Acting } from './actions.ts';
import { loadAssets } from './assets.ts';
import { isOwnHost, isOwnOrigin, PAGE_HEADERS } from './guard.ts';
import type { Playground } from './playground.ts';
import { Viewer } from './viewer.ts';
import { FromPage, type ToPage } from './wire.ts';

/** The largest action is a command with 6,000 characters in an option, escaped and in UTF-8. */
const ACTION_MAX_BYTES = 256 * 1024;
/** A page that reads nothing for so long that this much waits is closed; it connects again and gets everything anew. */
const BACKLOG_MAX_BYTES = 32 * 1024 * 1024;
const CLOSE_POLICY = 1008;

export interface PageServer {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  readonly port: number;
  /** Serves the page's files as they are now, and has every open page load them. Rejects when they do not compile. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Rejects with the system's error when the port cannot be had. `port` 0: any free one. */
export async function servePage(playground: Playground, port: number): Promise<PageServer> {
  let assets = await loadAssets();
  const server = createServer((request, response) => {
    const { port: own } = server.address() as AddressInfo;
    if (!isOwnHost(request.headers.host, own))
      return refuse(response, 403, 'This is not the address of the playground.');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, 'The page only reads this way.');
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const asset = assets.get(path);
    if (asset !== undefined)
      return void response.writeHead(200, { ...PAGE_HEADERS, 'content-type': asset.type }).end(asset.body);
    if (path.startsWith('/file/')) return serveFile(playground, path, response);
    refuse(response, 404, 'There is nothing here.');
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: ACTION_MAX_BYTES });
  server.on('upgrade', (request, socket, head) => {
    const { port: own } = server.address() as AddressInfo;
    const { origin, host } = request.headers;
    if (request.url !== '/live' || !isOwnOrigin(origin, host, own)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request as IncomingMessage, socket, head, (page) => open(playground, page));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const own = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${own}/`,
    port: own,
    reload: async () => {
      assets = await loadAssets();
      for (const page of sockets.clients) page.send(JSON.stringify({ type: 'reload' } satisfies ToPage));
    },
    close: () =>
      new Promise((resolve) => {
        for (const page of sockets.clients) page.terminate();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function open(playground: Playground, page: WebSocket): void {
  const [first] = playground.members;
  if (first === undefined) return page.close();
  const send = (message: ToPage): void => {
    if (page.bufferedAmount > BACKLOG_MAX_BYTES) page.terminate();
    else page.send(JSON.stringify(message));
  };
  const viewer = new Viewer(playground, first.id, send);
  const acting = new Acting(playground);
  const stops = [
    playground.discord.on('change', (change) => viewer.changed(change)),
    playground.health.onChange(() => viewer.changed(null)),
  ];
  page.on('close', () => {
    viewer.close();
    for (const stop of stops) stop();
  });
  page.on('error', () => page.terminate());
  page.on('message', (data, isBinary) => {
    const message = isBinary ? null : read(data);
    if (message === null) return page.close(CLOSE_POLICY, 'not an action of the page');
    if (message.type === 'be') {
      const member = playground.members.find(({ id }) => id === message.member);
      if (member !== undefined) viewer.be(member.id);
      return;
    }
    const { ref, action } = message;
    const as: UserId = viewer.member;
    void acting.act(as, action).then((result) => send({ type: 'result', ref, result }));
  });
  viewer.be(first.id);
}

function read(data: RawData): FromPage | null {
  try {
    const parsed = v.safeParse(FromPage, JSON.parse(String(data)));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** A message's file, always as a download: it may hold anything, and shares the page's origin. */
function serveFile({ discord }: Playground, path: string, response: ServerResponse): void {
  const [, id = '', at = ''] = /^\/file\/(\d{1,20})\/(\d{1,2})\//.exec(path) ?? [];
  const file = id === '' ? undefined : discord.message(id as Snowflake)?.attachments[Number(at)];
  if (file === undefined) return refuse(response, 404, 'This file is gone.');
  response
    .writeHead(200, {
      ...PAGE_HEADERS,
      'content-security-policy': "sandbox; default-src 'none'",
      'content-type': /^image\/(png|jpeg|gif|webp)$/.test(file.contentType)
        ? file.contentType
        : 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      'content-length': file.bytes.byteLength,
    })
    .end(file.bytes);
}

function refuse(response: ServerResponse, status: number, words: string): void {
  response
    .writeHead(status, { ...PAGE_HEADERS, 'content-type': 'text/plain; charset=utf-8' })
    .end(`${words}\n`);
}
