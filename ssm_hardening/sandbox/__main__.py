"""The simulated account's own process: `python -m ssm_hardening.sandbox --port 0 --seed empty --region R`.

It listens on loopback only, says where in one JSON line on stdout, and ends with its stdin or its parent, however that
ends.
"""

import argparse
import json
import os
import threading

from ssm_hardening.sandbox.ending import end_with_parent
from ssm_hardening.sandbox.server import ACCOUNT, HOST, REGION, SEEDS

_SETTINGS = {
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS": "false",
    "MOTO_DISABLE_GLOBAL_CORS": "true",  # no web page has any business here
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_DEFAULT_REGION": REGION,
}
"""Read by moto, in part when it is imported."""


def main() -> None:
    """Serve until the parent ends, or stdin does."""
    options = _options()
    watch = end_with_parent(options.parent or os.getppid(), temporary=options.temporary)
    os.environ.update(_SETTINGS)
    from ssm_hardening.sandbox.serving import listen  # noqa: PLC0415 - moto reads the settings above at import

    server = listen(port=options.port, seed=options.seed, account=ACCOUNT, region=options.region)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"host": HOST, "port": server.server_port}), flush=True)  # noqa: T201 - the parent reads it
    watch.join()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ssm_hardening.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", choices=SEEDS, default="empty")
    parser.add_argument("--region", default=REGION)
    parser.add_argument("--parent", type=int, help="the id of the process to end with; its parent where none is given")
    parser.add_argument("--temporary", help="the folder for temporary files, removed at the end")
    return parser.parse_args()


if __name__ == "__main__":
    main()
