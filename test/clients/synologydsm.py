"""py-synologydsm-api (Home Assistant's own client) against a NAS: sign in, list the tasks, start the first, cancel it, sign out.

It has no methods for Active Backup: the calls use its general `post`.
Arguments: host, port, account, password of a NAS that speaks HTTPS.
"""

import asyncio
import json
import sys

import aiohttp
from synology_dsm import SynologyDSM

API = "SYNO.ActiveBackup.Task"


async def main(host: str, port: str, account: str, password: str) -> dict:
    connector = aiohttp.TCPConnector(ssl=False)
    async with aiohttp.ClientSession(connector=connector) as http:
        nas = SynologyDSM(http, host, int(port), account, password, use_https=True)

        async def call(method: str, **parameters: object) -> dict:
            encoded = {name: json.dumps(value) for name, value in parameters.items()}
            # The API announces version 2 but has methods in version 1 only.
            return await nas.post(API, method, encoded, max_version=1)

        await nas.login()
        tasks = (await call("list", load_status=True, load_result=True))["data"]["tasks"]
        first = tasks[0]["task_id"]
        started = await call("backup", task_ids=[first])
        running = (await call("list", load_status=True, load_result=True))["data"]["tasks"]
        cancelled = await call("cancel", task_ids=[first])
        await nas.logout()
        return {
            "names": [task["task_name"] for task in tasks],
            "started": started["success"],
            "runs": any(task["task_id"] == first and task.get("progress") is not None for task in running),
            "cancelled": cancelled["success"],
        }


print(json.dumps(asyncio.run(main(*sys.argv[1:]))))
