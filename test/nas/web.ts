import { dispatch } from './dispatch';
import type { Desk, Incoming } from './dispatch';
import type { Api } from './method';
import { errorPage, jsonReply, loginPage } from './reply';
import type { Reply } from './reply';
import type { ReceivedRequest } from './requests';

/** The scripts of the Web API and the APIs that each one carries. */
const SCRIPTS: Readonly<Record<string, { carries: (api: string) => boolean; plainText: boolean }>> = {
  '/webapi/entry.cgi': { carries: () => true, plainText: false },
  '/webapi/query.cgi': { carries: (api) => api === 'SYNO.API.Info', plainText: true },
  '/webapi/auth.cgi': { carries: (api) => api === 'SYNO.API.Auth', plainText: true },
};

/** What the web server of the NAS makes of a request: a page, or the answer to a call. The world must be settled. */
export function answerRequest(
  desk: Desk,
  request: ReceivedRequest,
  from: { basePath: string; address: string },
): Reply {
  const path = request.url.split('?')[0] ?? '';
  if (!path.startsWith(from.basePath)) return errorPage(404);
  const below = path.slice(from.basePath.length);
  if (below === '' || below === '/') return loginPage();
  const script = Object.hasOwn(SCRIPTS, below) ? SCRIPTS[below] : undefined;
  if (script === undefined) return errorPage(404);
  if (request.verb !== 'GET' && request.verb !== 'POST') return errorPage(405);
  let cookie: string | null = null;
  const carried = { ...desk, apis: () => onlyCarried(desk.apis(), script.carries) };
  const envelope = dispatch(carried, incoming(request, from.address), (sid) => {
    cookie = sid;
  });
  return jsonReply(envelope, { plainText: script.plainText, cookie });
}

function onlyCarried(apis: Readonly<Record<string, Api>>, carries: (api: string) => boolean): Record<string, Api> {
  return Object.fromEntries(Object.entries(apis).filter(([name]) => carries(name)));
}

function incoming(request: ReceivedRequest, address: string): Incoming {
  const { api, method, parameters, sid, headers } = request;
  const header = headers['x-syno-token'];
  const synoToken = (typeof header === 'string' ? header : parameters['SynoToken']) || null;
  return { api, method, version: parameters['version'] ?? '', parameters, address, sid, synoToken };
}
