// Makes `npm start` and `npm test` work on a fresh clone: installs the dependencies when they are missing or not those of
// package-lock.json. Plain Node without dependencies, since it runs before there are any, and in the syntax of
// older versions of Node, so that these print the message below instead of a syntax error.
import { spawn } from 'child_process';
import fs from 'fs'; // as a whole: older versions lack some of the names and would fail before the message
import { dirname, join } from 'path';
import { clearInterval, setInterval } from 'timers';
import { fileURLToPath } from 'url';

const OLDEST_NODE = 20;
const LOCK_POLL_MS = 300;
/** A lock older than this was left behind: no installation takes so long. */
const LOCK_STALE_MS = 15 * 60 * 1000;
/** npm shows nothing of an installation unless it writes to a terminal. */
const PROGRESS_MS = 5000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lock = join(root, '.build', 'setup.lock');

function fail(message) {
  console.error(message);
  process.exit(1);
}

function packages(file) {
  try {
    return JSON.parse(fs.readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return {};
  }
}

/**
 * Whether node_modules holds exactly the packages of the lockfile. npm writes node_modules/.package-lock.json last, so an
 * interrupted installation does not count; contents are compared, since a checkout touches the lockfile's time.
 * An optional package may be missing: it is for another platform.
 */
function isInstalled() {
  const wanted = packages('package-lock.json');
  const installed = packages(join('node_modules', '.package-lock.json'));
  return Object.keys(wanted).every((path) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return wanted[path].optional === true || wanted[path].devOptional === true;
    return found.version === wanted[path].version && found.integrity === wanted[path].integrity;
  });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Whether the lock was left behind: its process has ended, or it is older than any installation. */
function isLockStale() {
  try {
    if (Date.now() - fs.statSync(lock).mtimeMs > LOCK_STALE_MS) return true;
    return fs.existsSync(join(lock, 'pid')) && !isAlive(Number(fs.readFileSync(join(lock, 'pid'), 'utf8')));
  } catch {
    return false; // the lock was released just now
  }
}

/** Takes the lock (true), or waits a moment if another process has it (false). */
function tryLock() {
  fs.mkdirSync(dirname(lock), { recursive: true });
  try {
    fs.mkdirSync(lock);
    fs.writeFileSync(join(lock, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isLockStale()) unlock();
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_POLL_MS);
    return false;
  }
}

function unlock() {
  fs.rmSync(lock, { recursive: true, force: true });
  try {
    fs.rmdirSync(dirname(lock));
  } catch {
    // Not empty: a build is running.
  }
}

/** Prints how many packages are in place. */
function printProgress() {
  const paths = Object.keys(packages('package-lock.json')).filter((path) => path !== '');
  const done = paths.filter((path) => fs.existsSync(join(root, path, 'package.json'))).length;
  console.log(`  ${done} of ${paths.length} packages …`);
}

/**
 * Resolves with whether npm succeeded. Names development dependencies explicitly: NODE_ENV=production would leave them out.
 */
function install() {
  console.log('Installing the dependencies (npm ci), which takes a minute or two …');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const child =
    npm && fs.existsSync(npm)
      ? spawn(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' })
      : spawn('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  const progress = setInterval(printProgress, PROGRESS_MS);
  return new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  }).then((succeeded) => {
    clearInterval(progress);
    return succeeded;
  });
}

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  fail(`This project needs Node.js ${OLDEST_NODE} or later; this is ${process.version}. See https://nodejs.org/.`);
}

async function main() {
  let waiting = false;
  while (!isInstalled()) {
    if (tryLock()) {
      process.on('exit', unlock);
      if (!isInstalled() && !(await install()))
        fail('The dependencies could not be installed: see npm’s message above.');
      return;
    }
    if (!waiting) console.log('Waiting for another npm ci in this folder to end …');
    waiting = true;
  }
}

main().catch((error) => fail(error));
