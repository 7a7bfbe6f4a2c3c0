"""The host baseline's own scripts on a node: what they exit with, say and leave."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from tests.hosts.roots import SUDOERS, Node

SCRIPTS = Path(__file__).parents[2] / "modules" / "host-baseline" / "scripts"
STUB_FILE = "/etc/sudoers.d/ssm-agent-users"
CONFIG_FILE = "/etc/amazon/ssm/amazon-ssm-agent.json"
BACKUP = "/var/lib/ssm-harden/backup"

_AT = "/run/baseline.sh"


@dataclass(frozen=True, slots=True)
class Done:
    """How a script ended."""

    status: int
    text: str


def baseline(
    node: Node, shell: str = "sh", *, user: str = "root", before: str = "", script: str = "linux.sh", **settings: str
) -> Done:
    """Run the script as it is, with settings `remove_privileges="true"` and so on in its environment."""
    node.install(_AT, SCRIPTS / script)
    env = {f"SSM_HARDEN_{name.upper()}": text for name, text in settings.items()}
    done = node.enter(f"{before}\nexec {shell} {_AT}", env=env, user=user)
    return Done(done.returncode, done.stdout + done.stderr)


def rollback(node: Node, shell: str = "sh", *, before: str = "") -> Done:
    """Run the script that takes it back."""
    return baseline(node, shell, before=before, script="linux-rollback.sh")


def at(node: Node, name: str) -> Path:
    """Return the place of a file of the node, by its path there."""
    return node.path / name.removeprefix("/")


def form(node: Node, name: str) -> tuple[int, int, int]:
    """Owner, group and mode of a file."""
    found = at(node, name).lstat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


def tree(node: Node) -> dict[str, tuple[int, ...]]:
    """Everything on the node that a run could leave or change, by path; but for the script that runs."""
    seen: dict[str, tuple[int, ...]] = {}
    for folder, folders, files in os.walk(node.path):
        for name in (*folders, *files):
            path = Path(folder, name)
            found = path.lstat()
            about = (found.st_mode, found.st_uid, found.st_gid)
            # Time of change says all of a file; of a folder it would tell of temporary files, which are gone.
            seen[str(path)] = about if name in folders else (*about, found.st_size, found.st_ctime_ns)
    seen.pop(str(at(node, _AT)), None)
    return seen


def sudo_of(node: Node, user: str = "ssm-user") -> list[str]:
    """Return the rules that reach a user, as sudo lists them."""
    text = node.ran(f"LC_ALL=C sudo -l -U {user} 2>&1 || :")
    if "may run the following" not in text:
        return []
    return [line.strip() for line in text.partition("may run the following")[2].splitlines()[1:]]


def is_as_it_came(node: Node) -> bool:
    """Whether the sudoers file is the agent's own, to the byte and the mode."""
    return at(node, STUB_FILE).read_text() == SUDOERS and form(node, STUB_FILE) == (0, 0, 0o440)


def left_under_way(node: Node) -> list[str]:
    """Temporary files that a run forgot."""
    places = ("/etc/sudoers.d", "/etc/amazon/ssm", "/var/lib/ssm-harden", BACKUP)
    known = {"README"}
    return [
        str(path)
        for place in places
        if at(node, place).is_dir()
        for path in at(node, place).iterdir()
        if path.name not in known and (path.name.startswith(".") or path.suffix in {".part", ".next"})
    ]
