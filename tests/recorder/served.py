"""The simulated account, served over HTTP by a process of its own whose clock stands."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.recorder import product, world

REGION = "ap-southeast-2"
_STOP_SECONDS = 10


@contextmanager
def served(seed: str) -> Iterator[None]:
    """Serve an account with a seed, and lead all clients of this process to it."""
    # moto warns of error codes that its models do not list; AWS sends them all the same.
    command = [sys.executable, "-W", "ignore::UserWarning", "-m", world.__name__, product.SERVED]
    command += ["--port", "0", "--seed", seed, "--region", REGION]
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us to handle; the child ends when its stdin does
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    try:
        line = b"" if child.stdout is None else child.stdout.readline()
        there = product.sandbox_environment(int(json.loads(line)["port"]))
        with world.environment({**os.environ, **there}):
            yield
    finally:
        if child.stdin is not None:
            child.stdin.close()
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()
