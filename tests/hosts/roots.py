"""Real Debian root filesystems as nodes: built once, given to each test anew, entered by namespaces and chroot."""

import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ssm_hardening.read import hosts
from ssm_hardening.read.hosts.scripts import script

PROBE = Path(hosts.__path__[0]) / "probes" / "linux.sh"
ON_NODE = "/run/probe.sh"
REQUIRED = "HOST_TESTS"
AGENT = "3.3.3050.0"
NODE = "i-0a1b2c3d4e5f60718"
REGION = "eu-west-1"
RULE = "ssm-user ALL=(ALL) NOPASSWD:ALL"
SUDOERS = f"# User rules for ssm-user\n{RULE}\n"
CONFIG = '{\n    "Mds": {"CommandWorkersLimit": 5},\n    "Ssm": {"Endpoint": ""}\n}\n'

_PACKAGES = "sudo,util-linux,bsdutils,screen,procps,openssl,busybox,python3-minimal,systemd,locales"
_TOOLS = ("mmdebstrap", "unshare", "chroot", "mount", "umount", "busybox", "sudo", "shellcheck")

# A package named as the agent's, so that dpkg knows it. Its programs are openssl: they make TLS connections.
_PACKAGE = f"""
mkdir -p /tmp/agent/DEBIAN /tmp/agent/usr/bin /tmp/agent/lib/systemd/system
printf 'Package: amazon-ssm-agent\\nVersion: {AGENT}-1\\nArchitecture: all\\nMaintainer: t\\nDescription: t\\n' \
  > /tmp/agent/DEBIAN/control
cp /usr/bin/openssl /tmp/agent/usr/bin/amazon-ssm-agent
cp /usr/bin/openssl /tmp/agent/usr/bin/ssm-agent-worker
printf '[Service]\\nExecStart=/usr/bin/amazon-ssm-agent\\n[Install]\\nWantedBy=multi-user.target\\n' \
  > /tmp/agent/lib/systemd/system/amazon-ssm-agent.service
dpkg-deb --build /tmp/agent /tmp/agent.deb
dpkg -i /tmp/agent.deb
systemctl enable amazon-ssm-agent
rm -r /tmp/agent /tmp/agent.deb
"""
_SETUP = f"""
set -e
groupadd wheel
useradd -m ssm-user
install -d -m 0755 /etc/amazon/ssm
install -d -m 0700 /var/lib/amazon/ssm/{NODE}/session/orchestration/alice-0a1b2c3d4e5f60711/Standard_Stream
localedef -i de_DE -f UTF-8 de_DE.UTF-8
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ssm -keyout /var/key.pem -out /var/cert.pem
printf '127.0.0.1 localhost node\\n' > /etc/hosts
{_PACKAGE}
"""

# PEERS: addresses of the loopback device. A TLS server listens there, and processes of the agent's name talk to it.
_CONNECTED = """
seen() { grep -c "$1" /proc/net/tcp /proc/net/tcp6 | awk -F: '{ sum += $2 } END { print sum }'; }
busybox ip link set lo up
openssl s_server -accept 443 -key /var/key.pem -cert /var/cert.pem -www </dev/null >/dev/null 2>&1 &
tries=0 wanted=0
while [ $tries -lt 100 ] && [ "$(seen ':01BB .* 0A ')" = 0 ]; do sleep 0.05; tries=$((tries + 1)); done
for peer in $PEERS; do
  busybox ip address add "$peer" dev lo 2>/dev/null
  case $peer in *:*) peer="[$peer]" ;; esac
  sleep 60 | "$PROGRAM" s_client -connect "$peer:443" >/dev/null 2>&1 &
  wanted=$((wanted + 1))
done
while [ $tries -lt 200 ] && [ "$(seen ':01BB 01 ')" -lt $wanted ]; do sleep 0.05; tries=$((tries + 1)); done
"""


def lacking() -> str | None:
    """Say why no root filesystem can be made here, or None."""
    if os.geteuid() != 0:
        return "root filesystems need root"
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    return f"not installed: {', '.join(missing)}" if missing else None


def give_up(reason: str) -> NoReturn:
    """Skip, or fail where the tests were told that all of them must run."""
    if os.environ.get(REQUIRED) == "required":
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass(frozen=True, slots=True)
class Node:
    """A root filesystem at `path`, entered with namespaces of its own for mounts, processes and network."""

    path: Path

    def enter(
        self,
        script: str,
        *,
        through: Sequence[str] = ("/bin/sh",),
        user: str = "root",
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a script's text in there; what it starts ends with it."""
        inside = (
            'echo node > /proc/sys/kernel/hostname; mount --make-rprivate / && mount -t proc proc "$1/proc" '
            '|| exit 99; root=$1 user=$2; shift 2; exec chroot --userspec="$user" "$root" /bin/busybox env -i "$@"'
        )
        settings = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **(env or {})}
        spaces = (
            "unshare",
            "--mount",
            "--pid",
            "--net",
            "--uts",
            "--fork",
            "--kill-child",
            "sh",
            "-c",
            inside,
            "enter",
        )
        words = [*spaces, str(self.path), user, *(f"{name}={text}" for name, text in settings.items())]
        return subprocess.run(
            [*words, *through, "-c", script],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )

    def ran(self, script: str, **options: Any) -> str:
        """Run a script that must end well; return what it said."""
        done = self.enter(script, **options)
        assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout

    def install(self, name: str, source: Path) -> None:
        """Put a script of ours there, by its path on the node."""
        shutil.copyfile(source, self.path / name.removeprefix("/"))

    def write(self, name: str, text: str, mode: int = 0o440) -> Path:
        """Write a root-owned file, by its path on the node."""
        file = self.path / name.removeprefix("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        return file

    def probe(self, *, before: str = "", shell: str = "/bin/sh", users: Sequence[str] = (), **options: Any) -> "Probed":
        """Run the probe after other commands, `users` beside ssm-user; its document must be JSON."""
        self.install(ON_NODE, PROBE)
        if users:
            (self.path / ON_NODE.removeprefix("/")).write_text(script("linux", users))
        os.utime(self.path / ON_NODE.removeprefix("/"), (0, 0))
        done = self.enter(f"{before}\nexec {shell} {ON_NODE}", **options)
        assert done.returncode == 0, done.stderr
        return Probed(done.stdout, done.stderr)

    def probe_connected(
        self, *peers: str, program: str = "amazon-ssm-agent", region: str = REGION, users: Sequence[str] = ()
    ) -> "Probed":
        """Run the probe while processes of the agent's talk TLS to these addresses, port 443."""
        env = {"PEERS": " ".join(peers), "PROGRAM": program, "AWS_SSM_REGION_NAME": region}
        return self.probe(before=_CONNECTED, env=env, users=users)


@dataclass(frozen=True, slots=True)
class Probed:
    """What the probe printed, and the document that this is."""

    text: str
    errors: str
    document: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "document", json.loads(self.text))

    def user(self, name: str = "ssm-user") -> dict[str, Any]:
        (found,) = [user for user in self.document["identities"]["items"] if user["name"] == name]
        assert isinstance(found, dict)
        return found

    def sudo_files(self) -> dict[str, Any]:
        """Map each file's real path (its bytes put together again) to the file."""
        return {plain(file["path"]): file for file in self.document["sudo_files"]["items"]}


def plain(text: str) -> str:
    """Turn a text of the document back: each character beyond ASCII is a byte."""
    return text.encode("latin-1").decode("utf-8", "replace")


def build(folder: Path) -> Node:
    """Make the filesystem that all tests start from: half a minute, and a mirror of Debian."""
    node = Node(folder)
    command = ("mmdebstrap", "--quiet", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", str(folder))
    done = _bootstrapped(command)
    for pause in (5, 15):
        if done.returncode == 0:
            break
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(pause)
        done = _bootstrapped(command)
    if done.returncode != 0 and ("apt-get update" in done.stderr or "Failed to fetch" in done.stderr):
        # A mirror that is away is no fault of the code under test: not even where all of these must run.
        pytest.skip(f"Debian's mirror did not answer: {done.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stderr[-3000:]
    node.ran(_SETUP)
    node.write("/etc/sudoers.d/ssm-agent-users", SUDOERS)
    node.write("/etc/amazon/ssm/amazon-ssm-agent.json", CONFIG, 0o600)
    return node


def _bootstrapped(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600)


@contextmanager
def shared(folder: Path, worker: str) -> Iterator[Node]:
    """Yield the one filesystem of this run, built by whichever worker comes first, removed by the last."""
    folder.mkdir(exist_ok=True)
    users = folder / "users"
    with _locked(folder):
        if not (folder / "built").exists():
            build(folder / "root")
            (folder / "built").touch()
        users.mkdir(exist_ok=True)
        (users / worker).touch()
    yield Node(folder / "root")
    with _locked(folder):
        (users / worker).unlink()
        if not any(users.iterdir()):
            (folder / "built").unlink()
            shutil.rmtree(folder / "root")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def fresh(base: Node, folder: Path) -> Iterator[Node]:
    """Yield a copy of a node: an overlay, or all of it where the kernel has none for this place."""
    top, work, upper = folder / "node", folder / "work", folder / "upper"
    for each in (top, work, upper):
        each.mkdir(parents=True)
    options = f"lowerdir={base.path},upperdir={upper},workdir={work}"
    mounted = subprocess.run(
        ("mount", "-t", "overlay", "overlay", "-o", options, top), check=False, capture_output=True
    )
    if mounted.returncode != 0:
        subprocess.run(("cp", "-a", f"{base.path}/.", top), check=True)
    try:
        yield Node(top)
    finally:
        if mounted.returncode == 0:
            subprocess.run(("umount", top), check=True)
        shutil.rmtree(folder, ignore_errors=True)
