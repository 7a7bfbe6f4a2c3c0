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
_FILES = {"Linux": "linux", "Windows": "windows"}
_ACTIONS = {"Linux": "aws:runShellScript", "Windows": "aws:runPowerShellScript"}


def probe_output(node: Item, *, hardened: bool) -> str:
    """Return what the probe printed on a node of this platform, before or after the remedy; empty where none is known.

    `node` is as DescribeInstanceInformation describes it.
    """
    if node.get("PlatformType") not in _FILES:
        return ""
    name = f"{_FILES[node['PlatformType']]}-{'after' if hardened else 'before'}.json"
    text = (_HOSTS / name).read_text(encoding="utf-8")
    recorded = str(json.loads(text)["node"]["id"])
    return text.replace(recorded, node["InstanceId"])


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
