"""What our probes print on the simulated nodes: recorded output, for no script is ever run here."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ssm_hardening.sandbox.services.state import Item

MARKER = "ssm-harden/host/1"
"""What only our probes say of themselves."""

_HOSTS = Path(__file__).resolve().parent.parent / "seeds" / "hosts"
_REMOVES = re.compile(r"SSM_HARDEN_REMOVE_PRIVILEGES\s*=\s*'true'")
_USERS = re.compile(r"^(?:SSM_HARDEN_USERS=|\$SsmHardenUsers = )(.*)$", re.MULTILINE)
_FILES = {"Linux": "linux", "Windows": "windows"}
_ACTIONS = {"Linux": "aws:runShellScript", "Windows": "aws:runPowerShellScript"}


def probe_output(node: Item, script: str, *, hardened: bool) -> str:
    """Return what the probe printed on a node of this platform, before or after the remedy; empty where none is known.

    `node` is as DescribeInstanceInformation describes it. Of the users that were looked at, those are told of whom the
    `script` asks for.
    """
    if node.get("PlatformType") not in _FILES:
        return ""
    name = f"{_FILES[node['PlatformType']]}-{'after' if hardened else 'before'}.json"
    text = (_HOSTS / name).read_text(encoding="utf-8")
    document = json.loads(text)
    told = document["identities"]
    told["items"] = [each for each in told["items"] if each["name"] in _users(script)]
    document["node"]["id"] = node["InstanceId"]
    return "{" + ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in document.items()) + "}\n"


def _users(script: str) -> list[str]:
    """Return whom a probe asks for: it names them in one line."""
    found = _USERS.search(script)
    return [] if found is None else re.findall(r"[a-z_][a-z0-9_-]*", found[1])


def is_hardened(
    node: Item, associations: Iterable[Item], *, targeted: Callable[[Item, Item], bool], content: Callable[[str], str]
) -> bool:
    """Say whether an association has taken the node's users their rights: its document is our remedy, told to do so.

    `targeted` says of an association and a node whether they meet, `content` returns that of a document by name, empty
    where there is none.
    """
    documents = {str(each.get("Name")) for each in associations if targeted(each, node)}
    return any(_removes(content(name), str(node.get("PlatformType"))) for name in sorted(documents))


def _removes(content: str, platform: str) -> bool:
    try:
        steps = json.loads(content)["mainSteps"]
    except (ValueError, KeyError, TypeError):
        return False
    return any(_REMOVES.search(line) for step in steps for line in _lines(step, platform))


def _lines(step: Mapping[str, Any], platform: str) -> list[str]:
    if step.get("action") != _ACTIONS.get(platform):
        return []
    return [str(line) for line in step.get("inputs", {}).get("runCommand", [])]
