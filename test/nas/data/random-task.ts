import type { Random } from '../random';
import { schedule } from '../schedule';
import { PLATFORM } from '../world';
import type { TaskSketch } from './sample-tasks';

const DEPARTMENTS = [
  'Sales',
  'Design',
  'Workshop',
  'Purchasing',
  'Support',
  'Legal',
  'Lab',
  'Logistics',
  'Studio',
  'HR',
];
const PEOPLE = [
  'Ada',
  'Bo',
  'Carla',
  'Deniz',
  'Emil',
  'Fatma',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Kim',
  'Lena',
  'Marek',
];

const KINDS: readonly Pick<TaskSketch, 'type' | 'osName' | 'platform'>[] = [
  { type: 'pc', osName: 'Windows 11(64-bit)', platform: PLATFORM.windows },
  { type: 'pc', osName: 'macOS 14', platform: PLATFORM.macos },
  { type: 'physical_server', osName: 'Debian GNU/Linux 12', platform: PLATFORM.linux },
  { type: 'physical_server', osName: 'Windows Server 2022(64-bit)', platform: PLATFORM.windows },
  { type: 'vm', osName: 'Ubuntu Linux (64-bit)', platform: PLATFORM.none },
  { type: 'file_server', osName: 'smb', platform: PLATFORM.none },
  { type: 'nas', osName: 'DSM 7.2', platform: PLATFORM.dsm },
];

/** Task `number` of a larger company: an employee's computer or a department's server. Names are unique. */
export function randomTask(number: number, random: Random): TaskSketch {
  const kind = random.pick(KINDS);
  const department = random.pick(DEPARTMENTS);
  const person = random.pick(PEOPLE);
  const isPc = kind.type === 'pc';
  const name = isPc ? `${department} ${person} ${number}` : `${department} ${kind.type} ${number}`;
  return {
    ...kind,
    name,
    host: `${(isPc ? person : department).toUpperCase()}-${String(number).padStart(4, '0')}`,
    user: isPc ? person.toLowerCase() : '',
    online: random.fraction() < 0.8,
    schedule: schedule({
      run_weekday: random.pick([[0], [1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5, 6]]),
      run_hour: random.integer(0, 23),
      run_min: 5 * random.integer(0, 11),
    }),
    keepVersions: random.integer(3, 14),
    customVolumes: [],
    plan: {
      prepareSeconds: 5,
      durationSeconds: random.integer(60, 900),
      totalBytes: random.integer(500_000_000, 60_000_000_000),
      outcome: 'success',
      paths: [],
    },
    last: random.fraction() < 0.1 ? random.pick(['failed', 'partial', 'cancelled'] as const) : null,
  };
}
