/** What `active-backup --help` prints. */
export const HELP = `Usage: active-backup <command> [options]

Active Backup for Business on one Synology NAS, for scripts and other programs.

Commands:
  list      the backup tasks
  report    how well every machine is protected
  watch     events as they happen, one JSON object per line, until it is stopped
  metrics   the state of the NAS in the OpenMetrics format

The NAS and its account, from options, else from the environment, else from a file:
  --host <address>          SYNOLOGY_HOST         nas.lan, 192.168.1.5 or https://nas.lan:5001
  --username <account>      SYNOLOGY_USERNAME
                            SYNOLOGY_PASSWORD     no option: the arguments of a program are
                            SYNOLOGY_DEVICE_ID    visible to every user of the machine
  --fingerprint <SHA-256>   SYNOLOGY_FINGERPRINT  of a self-signed certificate: only that one
                                                  is accepted then
  --config <file>           ACTIVE_BACKUP_CONFIG  JSON with the properties of the NAS node:
                                                  {"host": …, "username": …, "password": …}

Options:
  --json                    list, report: as JSON
  --format <format>         report: text (default), html, markdown, csv, openmetrics or data
  --days <7-90>             report: its days, default 30
  --language <en|de>        report: its language, default en
  --check                   report: one line and an exit code for Nagios, Icinga or CheckMK
  --events <names>          watch: only these, with commas; default: all but backup_progress
  --tasks <names>           watch: only events of these tasks, with commas; * and ? match any text
  --state-folder <folder>   watch: remembers there what was printed, so that the next start
                            prints what happened meanwhile
  --name <text>             the name of the NAS in the output
  --debug                   steps and codes to the error output, without names and secrets
  --help, --version

Exit codes: 0 success, 2 wrong options or settings, 3 the NAS does not answer or refuses, 1 a
fault of this program; with --check: 0 OK, 1 warning, 2 critical, 3 unknown. After SIGINT or
SIGTERM watch ends with 0, the others with 130 or 143.
`;
