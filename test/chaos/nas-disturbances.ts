import type { Fault } from '../nas/index';
import {
  nothing,
  startNodeRed,
  stopNodeRed,
  type ChaosParts,
  type Disturbance,
  type Disturbances,
} from './disturbance';
import type { Site } from './site';

/** What the NAS answers instead, until the fault ends. */
const RESPONSES: readonly Fault[] = [
  { do: 'html' },
  { do: 'http-status', status: 502 },
  { do: 'cut-off' },
  { do: 'not-json' },
  { do: 'empty' },
  { do: 'reset-before' },
  { do: 'reset-after' },
  { do: 'hang' },
  { do: 'delay', ms: 1500 },
  { do: 'trickle', ms: 1000 },
  { do: 'refuse', code: 117 },
];

/** The disturbances of a NAS. */
export function ofNas(site: Site, parts: ChaosParts): Disturbances {
  const all = [...answers(site), ...states(site, parts), ...sessions(site, parts), ...certificates(site)];
  return all.map(([name, disturbance]) => [
    `NAS ${site.options.id}: ${name}`,
    { part: `nas ${site.options.id}`, ...disturbance },
  ]);
}

type OfNas = readonly [string, Omit<Disturbance, 'part'>];

function answers({ nas }: Site): OfNas[] {
  const faults = RESPONSES.map((fault): OfNas => {
    let undo = nothing as () => void;
    return [Object.values(fault).join(' '), { begin: () => (undo = nas.fail(fault)), end: () => undo() }];
  });
  const oversized = (): unknown => nas.fail({ on: { method: 'list' }, do: 'oversized', bytes: 200_000_000, times: 1 });
  return [...faults, ['an answer of 200 MB', { begin: oversized, end: nothing }]];
}

function states({ nas }: Site, { random }: ChaosParts): OfNas[] {
  const setPackage = (isRunning: boolean) => (): void => {
    nas.state.packageRunning = isRunning;
  };
  return [
    ['clock jumps', { begin: () => nas.clock.advance(random.integer(1, 7200)), end: nothing }],
    ['package stopped', { begin: setPackage(false), end: setPackage(true) }],
  ];
}

function sessions(site: Site, parts: ChaosParts): OfNas[] {
  const { nas, account } = site;
  return [
    ['session lost', { begin: () => site.endSessions(), end: nothing }],
    [
      'restart',
      {
        begin: () => {
          site.endSessions();
          nas.restart({ downMs: parts.random.integer(0, 3000) });
        },
        end: nothing,
      },
    ],
    [
      'password changed and back',
      {
        begin: () => {
          account.password = 'another';
          site.endSessions();
        },
        end: async () => {
          account.password = 'synology';
          // A refused login is not repeated until a person acts.
          await stopNodeRed(parts, 'SIGTERM');
          await startNodeRed(parts);
        },
        endsProcess: true,
      },
    ],
  ];
}

/** As a machine in between, or a NAS with a new certificate: nothing may be sent to it. */
function certificates(site: Site): OfNas[] {
  if (site.nas.certificate === null) return [];
  let restore = nothing as () => void;
  return [
    [
      'another certificate',
      {
        begin: async () => {
          restore = await site.nas.replaceCertificate();
          site.presentsOtherCertificate = true;
        },
        end: () => {
          site.presentsOtherCertificate = false;
          restore();
        },
      },
    ],
  ];
}
