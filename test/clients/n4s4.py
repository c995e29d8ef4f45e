"""synology-api (N4S4) against a NAS: sign in, list the tasks, start the first, cancel it, sign out.

Arguments: host, port, account, password of a NAS that speaks HTTPS.
"""

import json
import sys

from synology_api.core_active_backup import ActiveBackupBusiness

host, port, account, password = sys.argv[1:]
# Version 6 of SYNO.API.Auth: with 7 this client first requires the encrypted handshake of DSM's web interface.
client = ActiveBackupBusiness(host, port, account, password, secure=True, cert_verify=False, dsm_version=6, debug=False)
tasks = client.list_tasks()["data"]["tasks"]
first = tasks[0]["task_id"]
started = client.backup_task_run([first])
running = client.list_tasks(task_id=first)["data"]["tasks"]
cancelled = client.backup_task_cancel([first])
client.logout()
print(
    json.dumps(
        {
            "names": [task["task_name"] for task in tasks],
            "started": started["success"],
            "runs": any(task["task_id"] == first and task.get("progress") is not None for task in running),
            "cancelled": cancelled["success"],
        }
    )
)
