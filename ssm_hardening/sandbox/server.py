"""Starts the simulated account as a child process, and speaks to it. Needs no moto in this process."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from ssm_hardening.core.errors import SsmHardenError, UsageError
from ssm_hardening.core.folders import VARIABLES, private_folder
from ssm_hardening.sandbox.faults import Fault, ReceivedCall

ACCOUNT = "123456789012"
REGION = "ap-southeast-2"
HOST = "127.0.0.1"
CONTROL = "/_ssm-harden/"

SEEDS = ("empty", "walkthrough")

_NEEDED = ("boto3", "moto", "flask", "flask_cors")
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0


class SandboxError(SsmHardenError):
    """The simulated account did not start, died, or refused what it was told."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running simulated account.

    `region` is the one that `environment` names; the account answers in all Regions.
    """

    port: int
    region: str = REGION
    account: str = ACCOUNT

    @property
    def endpoint(self) -> str:
        """The URL for `AWS_ENDPOINT_URL` or boto3's `endpoint_url`."""
        return f"http://{HOST}:{self.port}"

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment in which boto3, Terraform and the AWS CLI reach this account.

        With `base`, that environment without any AWS setting of the user's, and ours added. The address is an IP
        address, for which every SDK uses path-style S3 addresses: no provider needs `s3_use_path_style`. S3 Control
        puts the account's id before it, which no resolver knows: as a proxy of plain HTTP we see that call as well.
        """
        given = {} if base is None else {name: text for name, text in base.items() if not _is_theirs(name)}
        return {
            **given,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "simulated",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "HTTP_PROXY": self.endpoint,
            "http_proxy": self.endpoint,
        }

    def calls(self) -> list[ReceivedCall]:
        """Return the calls since the start or the last `reset_calls`, in order of arrival."""
        return [ReceivedCall(*call) for call in self._ask("GET", "calls")]

    def answers(self) -> bool:
        """Wait for an answer, and say so; raises SandboxError where none comes."""
        return bool(self._ask("GET", "health")["ok"])

    def reset_calls(self) -> None:
        """Forget the calls."""
        self._ask("DELETE", "calls")

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Replace what goes wrong; the first fault that matches a call applies. None: all is well again."""
        self._ask("PUT", "faults", [fault.to_json() for fault in faults])

    def put(self, *, account: str = "", region: str = "", **items: Any) -> None:  # noqa: ANN401 - AWS's shapes, as JSON
        """Put things into an account and Region that no AWS call creates, in AWS's own answer shapes.

        Lists are added to what is there: `instance_information`, `sessions`, `events` (of the trail), `activations`,
        `associations`, `inventory`. `connection_status` maps node ids to "connected" or "notconnected",
        `command_output` to members of GetCommandInvocation's answer that are to differ.
        `organization` makes member accounts; see `seeds.accounts.make_members`. Raises SandboxError for anything else.
        """
        self._ask("POST", "put", {"account": account or self.account, "region": region or self.region, **items})

    def reset(self, seed: str = "empty") -> None:
        """Start over: nothing in any account but the seed, no faults, no calls."""
        self._ask("POST", "reset", {"seed": seed, "account": self.account, "region": self.region})

    def _ask(self, method: str, what: str, body: object = None) -> Any:  # noqa: ANN401 - whatever JSON came back
        data = None if body is None else json.dumps(body, default=_as_text).encode()
        connection = HTTPConnection(HOST, self.port, timeout=_START_SECONDS)
        try:
            connection.request(method, CONTROL + what, body=data, headers={"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, HTTPException) as error:
            raise SandboxError(f"the simulated account at {self.endpoint} is not responding: {error}") from error
        finally:
            connection.close()
        if answer.status == HTTPStatus.OK:
            return json.loads(text)
        reason = json.loads(text)["error"] if answer.status == HTTPStatus.BAD_REQUEST else answer.reason
        raise SandboxError(f"the simulated account refused {what}: {reason}")


@contextmanager
def running(seed: str | None = None, *, port: int = 0, region: str = REGION) -> Iterator[Sandbox]:
    """Start the simulated account; it ends with the context, and with this process, however that ends.

    `seed` is one of `SEEDS`; port 0 takes a free one. Raises UsageError where moto is not installed, SandboxError where
    it does not start, for instance because the port is taken.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        from ssm_hardening.core.installation import install_extra  # noqa: PLC0415 - only for a message

        raise UsageError(
            f"the simulated account requires packages that are not installed: {', '.join(missing)}",
            hint=install_extra("sandbox"),
        )
    # moto warns of error codes that its models do not list; AWS sends them all the same.
    command = [sys.executable, "-P", "-W", "ignore::UserWarning", "-m", "ssm_hardening.sandbox"]
    command += ["--port", str(port), "--seed", seed or "empty", "--region", region]
    with private_folder() as own, tempfile.TemporaryFile() as complaints:
        child = subprocess.Popen(
            [*command, "--parent", str(os.getpid()), "--temporary", own],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env={**_child_environment(), **dict.fromkeys(VARIABLES, own)},
            start_new_session=True,  # Ctrl-C is for us to handle; the child ends when its stdin does
        )
        try:
            yield Sandbox(port=_port_of(child, complaints), region=region)
        finally:
            _stop(child)


def _is_theirs(name: str) -> bool:
    """Say whether a variable of the user's would lead a client elsewhere."""
    return name.startswith("AWS_") or name.upper() in {"HTTP_PROXY", "NO_PROXY"}


def _port_of(child: subprocess.Popen[bytes], complaints: IO[bytes]) -> int:
    """Wait for the line in which the child says where it listens."""
    watch = threading.Timer(_START_SECONDS, child.kill)
    watch.start()
    try:
        line = b"" if child.stdout is None else child.stdout.readline()
    finally:
        watch.cancel()
    if line:
        return int(json.loads(line)["port"])
    child.wait(_STOP_SECONDS)
    complaints.seek(0)
    last = complaints.read().decode(errors="replace").strip().splitlines()[-1:]
    raise SandboxError(f"the simulated account did not start: {' '.join(last) or 'it printed nothing'}")


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdout is not None:
        child.stdout.close()


def _child_environment() -> dict[str, str]:
    """Return our environment without the user's AWS settings, which moto's own sessions would read."""
    ours = str(Path(__file__).resolve().parents[2])
    theirs = {name: text for name, text in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    path = os.pathsep.join(filter(None, [ours, theirs.get("PYTHONPATH")]))
    return {**theirs, "PYTHONPATH": path}


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"cannot put a value of type {type(value).__name__} into the simulated account")
