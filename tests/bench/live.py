"""What `make bench` prints of live accounts: calls, time and memory against the simulated account on this machine.

The simulated account answers from the same two cores, so the times hold its own work too; the calls are exact.
"""

import os
from collections import Counter
from pathlib import Path

from ssm_hardening.sandbox.server import Sandbox, running
from tests.bench.accounts import fill
from tests.bench.bench import TOOL, Run, line, measure, workplace

_LARGE = 2_000
_SIZES = ((0, 0), (200, 500), (_LARGE, 500), (200, 10_000))
_REGIONS = ("ap-southeast-2", "eu-central-1", "eu-west-1", "us-east-1", "us-west-2")
_MEMBERS = 40


def main() -> None:
    """Print the figures of live accounts."""
    print(f"  {'':<58} {'wall':>9} {'CPU':>9} {'peak':>10}  calls")
    with workplace() as (folder, env), running() as sandbox:
        there = {**sandbox.environment(env), "PATH": os.environ["PATH"]}
        for nodes, sessions in _SIZES:
            sandbox.reset("walkthrough" if not nodes else "empty")
            what = "the account of the walkthrough" if not nodes else f"{nodes:,} nodes, {sessions:,} sessions"
            if nodes:
                fill(sandbox, nodes=nodes, sessions=sessions)
            target = " (target: 8 s)" if nodes == _LARGE else ""
            _account(f"plan --live: {what}{target}", sandbox, folder, there)
        _organization(sandbox, folder, there)


def _account(what: str, sandbox: Sandbox, folder: Path, env: dict[str, str]) -> None:
    sandbox.reset_calls()
    run = measure([TOOL, "plan", "--live", "--format", "json"], cwd=folder, env=env, runs=1, warm_up=0)
    _told(what, run, sandbox)


def _organization(sandbox: Sandbox, folder: Path, env: dict[str, str]) -> None:
    sandbox.reset("empty")
    members = [f"{200_000_000_000 + number}" for number in range(_MEMBERS)]
    sandbox.put(organization={"accounts": members, "role": "SsmHardenAuditor", "external_id": ""})
    sandbox.reset_calls()
    regions = [word for region in _REGIONS for word in ("--region", region)]
    words = ["plan", "--live", "--format", "json", "--organization", "--role-name", "SsmHardenAuditor", *regions]
    run = measure([TOOL, *words], cwd=folder, env=env, runs=1, warm_up=0)
    calls = _told(f"plan --live: {_MEMBERS} accounts in {len(_REGIONS)} Regions", run, sandbox)
    for name, count in calls.most_common():
        print(f"    {name:<40} {count:>6}")


def _told(what: str, run: Run, sandbox: Sandbox) -> Counter[str]:
    calls = Counter(f"{call.service}:{call.operation}" for call in sandbox.calls())
    most = ", ".join(f"{name} {count}" for name, count in calls.most_common(3))
    line(what, run, f"{calls.total()} calls ({len(calls)} operations; {most})")
    return calls


if __name__ == "__main__":
    main()
