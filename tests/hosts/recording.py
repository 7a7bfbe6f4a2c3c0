"""Records what the simulated nodes print: `python -m tests.hosts.recording`, as root.

A node of the walkthrough: nothing configured, the two-line sudoers file, two connections to public addresses. Then the
remedy's own script runs there. What the probe prints is kept as it is, but for the node's id.
"""

import tempfile
from pathlib import Path

from ssm_hardening.sandbox import seeds
from tests.hosts.roots import NODE, Node, Probed, build, fresh

HOSTS = Path(seeds.__path__[0]) / "hosts"
PLACEHOLDER = "@NODE@"
REGION = "ap-southeast-2"
RUN_AS = "session-operator"
REMEDY = Path(__file__).parents[2] / "modules" / "host-baseline" / "scripts" / "linux.sh"

# What the names resolve to is kept for documentation (RFC 5737), as it is for the Windows node.
_ADDRESSES = {
    "ssm": ("203.0.113.10",),
    "ssmmessages": ("203.0.113.21", "203.0.113.22"),
    "ec2messages": ("203.0.113.31",),
    "kms": ("203.0.113.41",),
    "logs": ("203.0.113.51",),
    "s3": ("203.0.113.61", "203.0.113.62"),
}


def both(node: Node) -> tuple[Probed, Probed]:
    """Return what the probe prints on the walkthrough's node, and again when the remedy has run."""
    lines = [f"{each} {name}.{REGION}.amazonaws.com" for name, found in _ADDRESSES.items() for each in found]
    node.write("/etc/hosts", "127.0.0.1 localhost node\n" + "\n".join(lines) + "\n", 0o644)
    (node.path / "etc/amazon/ssm/amazon-ssm-agent.json").unlink()
    peers = ("203.0.113.10", "203.0.113.21")
    before = node.probe_connected(*peers, program="ssm-agent-worker", region=REGION, users=(RUN_AS,))
    node.install("/run/remedy.sh", REMEDY)
    remedied = {
        "SSM_HARDEN_RUN_AS_USER": RUN_AS,
        "SSM_HARDEN_REMOVE_PRIVILEGES": "true",
        "SSM_HARDEN_INSTALL_TOOLS": "true",
    }
    node.ran("sh /run/remedy.sh", env=remedied)
    return before, node.probe_connected(*peers, program="ssm-agent-worker", region=REGION, users=(RUN_AS,))


def recorded(probed: Probed) -> str:
    """Return the document as it is kept."""
    return probed.text.replace(NODE, PLACEHOLDER)


def main() -> None:
    """Write both files."""
    with tempfile.TemporaryDirectory() as folder:
        base = build(Path(folder) / "base")
        with fresh(base, Path(folder) / "copy") as node:
            before, after = both(node)
    (HOSTS / "linux-before.json").write_text(recorded(before), encoding="ascii")
    (HOSTS / "linux-after.json").write_text(recorded(after), encoding="ascii")


if __name__ == "__main__":
    main()
