"""Serve the simulated account: `python -m ssm_hardening.sandbox --port 0 --seed empty --region R`.

It listens on the loopback interface only, prints its address as one line of JSON on stdout, and exits when its stdin
closes or its parent process ends.
"""

import argparse
import json
import os
import select
import shutil
import sys
import threading

from ssm_hardening.sandbox.server import ACCOUNT, HOST, REGION, SEEDS

_SECONDS = 1.0
"""How often the parent is looked at."""

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
    watch = _end_with_parent(options.parent or os.getppid(), temporary=options.temporary)
    os.environ.update(_SETTINGS)
    from ssm_hardening.sandbox.serving import listen  # noqa: PLC0415 - moto reads the settings above at import

    server = listen(port=options.port, seed=options.seed, account=ACCOUNT, region=options.region)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"host": HOST, "port": server.server_port}), flush=True)  # noqa: T201 - the parent reads it
    watch.join()


def _end_with_parent(parent: int, *, temporary: str | None) -> threading.Thread:
    """Watch the parent from now on, and return the watch; the process ends where the parent does.

    Two signs are looked at: stdin, whose other end the parent holds, and the parent's id. The first is seen at once,
    but stays open where another child of the parent's has inherited that end; the second needs no pipe. `temporary` is
    the folder for temporary files, which a parent that was killed cannot remove.
    """
    watch = threading.Thread(target=_watch, args=(parent, temporary), daemon=True)
    watch.start()
    return watch


def _watch(parent: int, temporary: str | None) -> None:
    while os.getppid() == parent:
        readable, _, _ = select.select([sys.stdin], [], [], _SECONDS)
        if readable and not os.read(sys.stdin.fileno(), 4096):
            break
    if temporary is not None:
        shutil.rmtree(temporary, ignore_errors=True)
    # Requests under way, a hang included, have nobody left who waits for them.
    os._exit(0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ssm_hardening.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; 0 selects a free one")
    parser.add_argument("--seed", choices=SEEDS, default="empty", help="what the account contains at the start")
    parser.add_argument("--region", default=REGION, help="the Region that the seed is created in")
    parser.add_argument("--parent", type=int, help="the ID of the process to end with; by default, the parent process")
    parser.add_argument("--temporary", help="the folder for temporary files; it is deleted at the end")
    return parser.parse_args()


if __name__ == "__main__":
    main()
