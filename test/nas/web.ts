import { dispatch } from './dispatch';
import type { ApiContext, IncomingCall } from './dispatch';
import type { Api } from './method';
import { errorPage, jsonReply, loginPage } from './reply';
import type { Reply } from './reply';
import type { ReceivedRequest } from './requests';

/** The CGI scripts of the Web API and the APIs that each one serves. */
const SCRIPTS: Readonly<Record<string, { serves: (api: string) => boolean; plainText: boolean }>> = {
  '/webapi/entry.cgi': { serves: () => true, plainText: false },
  '/webapi/query.cgi': { serves: (api) => api === 'SYNO.API.Info', plainText: true },
  '/webapi/auth.cgi': { serves: (api) => api === 'SYNO.API.Auth', plainText: true },
};

/** Answers a request with a page or the result of a call. Call `advanceRuns` first. */
export function answerRequest(
  context: ApiContext,
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
  const served = { ...context, apis: () => servedApis(context.apis(), script.serves) };
  const envelope = dispatch(served, incomingCall(request, from.address), (sid) => {
    cookie = sid;
  });
  return jsonReply(envelope, { plainText: script.plainText, cookie });
}

function servedApis(apis: Readonly<Record<string, Api>>, serves: (api: string) => boolean): Record<string, Api> {
  return Object.fromEntries(Object.entries(apis).filter(([name]) => serves(name)));
}

function incomingCall(request: ReceivedRequest, address: string): IncomingCall {
  const { api, method, parameters, sid, headers } = request;
  const header = headers['x-syno-token'];
  const synoToken = (typeof header === 'string' ? header : parameters['SynoToken']) || null;
  return { api, method, version: parameters['version'] ?? '', parameters, address, sid, synoToken };
}
