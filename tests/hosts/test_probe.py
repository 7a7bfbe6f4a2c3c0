"""The Linux probe on real root filesystems, with real users, sudo and connections."""

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.hosts.roots import AGENT, CONFIG, NODE, PROBE, REGION, RULE, SUDOERS, Node, give_up, plain

DROP_IN = "/etc/sudoers.d/ssm-agent-users"
MOST_BYTES = 23_000


def test_a_node_as_the_agent_leaves_it(node: Node) -> None:
    probed = node.probe(env={"AWS_SSM_REGION_NAME": REGION})
    document = probed.document
    assert (document["schema"], document["text"]) == ("ssm-harden/host/1", "bytes")
    assert document["probe"] == {"platform": "linux", "elevated": True, "finished": True}
    assert document["node"] == {"id": NODE, "hostname": "node", "os": "Debian GNU/Linux 12 (bookworm)"}
    agent = document["agent"]
    assert (agent["version"], agent["service"], agent["autostart"]) == (AGENT, "stopped", True)
    path = "/etc/amazon/ssm/amazon-ssm-agent.json"
    assert agent["config"] == {"path": path, "owner": "0", "mode": "0600", "content": CONFIG}
    assert document["tools"] == {"script": "/usr/bin/script", "screen": "/usr/bin/screen"}
    assert document["session_logs"] == {"files": 0, "oldest_days": None}
    assert [document[name] for name in ("administrators", "domain", "powershell")] == [None, None, None]
    assert document["names"]["items"][0]["name"] == f"ssm.{REGION}.amazonaws.com"
    assert probed.errors == ""


def test_the_rule_of_the_agents_drop_in_reaches_ssm_user(node: Node) -> None:
    probed = node.probe()
    user = probed.user()
    assert user["sudo"] == {"items": ["(ALL) NOPASSWD: ALL"], "more": None}
    assert (user["exists"], user["uid"], user["groups"]["items"]) == (True, 1000, ["ssm-user"])
    drop_in = probed.sudo_files()[DROP_IN]
    assert (drop_in["owner"], drop_in["mode"], drop_in["grants"]["items"]) == ("0", "0440", [RULE])
    assert probed.sudo_files()["/etc/sudoers"]["grants"]["items"] == []


def test_a_stub_gives_no_sudo(node: Node) -> None:
    node.write(DROP_IN, "# User rules for ssm-user\n")
    probed = node.probe()
    assert probed.user()["sudo"] == {"items": [], "more": None}
    assert probed.sudo_files()[DROP_IN]["grants"] == {"items": [], "more": None}


def test_no_sudo_installed(node: Node) -> None:
    node.ran("SUDO_FORCE_REMOVE=yes dpkg --purge sudo")
    probed = node.probe()
    assert probed.user()["sudo"] == {"items": [], "more": None}
    assert list(probed.sudo_files()) == [DROP_IN]


@pytest.mark.parametrize("shell", ["busybox sh", "dash", "bash --posix"])
def test_every_shell_says_the_same(node: Node, shell: str) -> None:
    assert node.probe(shell=shell).document == node.probe().document


def test_a_system_of_busybox_alone(base_node: Node, tmp_path: Path) -> None:
    bare = Node(tmp_path)
    for name in ("bin", "etc", "proc", "run", "dev"):
        (tmp_path / name).mkdir()
    shutil.copy(base_node.path / "usr/bin/busybox", tmp_path / "bin")
    for library in re.findall(r"/\S+", base_node.ran("ldd /bin/busybox")):
        copy = tmp_path / library.removeprefix("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy((base_node.path / library.removeprefix("/")).resolve(), copy)
    os.mknod(tmp_path / "dev/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    bare.ran("/bin/busybox --install -s /bin", through=("/bin/busybox", "sh"))
    bare.write("/etc/passwd", "root:x:0:0::/:/bin/sh\nssm-user:x:7:8::/:/bin/sh\n")
    bare.write("/etc/group", "ssm-user:x:8:\nwheel:x:10:ssm-user\n")
    bare.write(DROP_IN, SUDOERS)
    probed = bare.probe()
    user = probed.user()
    assert (user["uid"], user["gid"], user["groups"]["items"]) == (7, 8, ["ssm-user", "wheel"])
    assert user["sudo"]["items"] == []
    assert probed.sudo_files()[DROP_IN]["grants"]["items"] == [RULE]
    assert probed.document["agent"]["version"] is None
    assert probed.document["tools"]["screen"] is None


def test_a_group_with_a_rule(node: Node) -> None:
    node.write(DROP_IN, "# nothing\n")
    node.write("/etc/sudoers.d/wheel", "%wheel ALL=(ALL:ALL) ALL\n")
    node.ran("usermod -aG wheel ssm-user")
    user = node.probe().user()
    assert user["groups"]["items"] == ["ssm-user", "wheel"]
    assert user["sudo"]["items"] == ["(ALL : ALL) ALL"]


def test_files_that_are_included_from_elsewhere(node: Node) -> None:
    node.write(DROP_IN, "# nothing\n")
    node.write("/etc/sudoers.d/zz", '@include /srv/more\\ rules\n@includedir "/srv/sudo.d"\n')
    node.write("/srv/more rules", "@include nested\nssm-user ALL=(ALL) /usr/bin/less\n")
    node.write("/srv/nested", "User_Alias PEOPLE = bob, \\\n  ssm-user\nPEOPLE ALL=(ALL) NOPASSWD: /usr/bin/id\n")
    node.write("/srv/sudo.d/ten", "bob ALL=(ssm-user) ALL\nALL, !ssm-user ALL=(ALL) ALL\nDefaults:ssm-user !lecture\n")
    node.write("/srv/sudo.d/not.read", f"{RULE}\n")
    node.write("/srv/sudo.d/loop", "@include /srv/more\\ rules\n")
    probed = node.probe()
    files = probed.sudo_files()
    assert files["/srv/more rules"]["grants"]["items"] == ["ssm-user ALL=(ALL) /usr/bin/less"]
    assert files["/srv/nested"]["grants"]["items"] == ["User_Alias PEOPLE = bob,   ssm-user"]
    assert files["/srv/sudo.d/ten"]["grants"]["items"] == []
    assert "/srv/sudo.d/not.read" not in files
    assert probed.document["sudo_files"]["more"] is None
    assert set(probed.user()["sudo"]["items"]) == {"(ALL) /usr/bin/less", "(ALL) NOPASSWD: /usr/bin/id"}


@pytest.mark.parametrize("shell", ["sh", "busybox sh"])
def test_hostile_names_arrive_as_text(node: Node, shell: str) -> None:
    names = (
        'a"b',
        "c'd",
        "e\\n\\",
        "f\ng",
        "$(touch x)",
        "`touch x`",
        "-rf",
        "ünï",
        "a=b",
        "x\x01\x7f",
        "; touch x",
        "*",
    )
    for name in names:
        node.write(f"/etc/sudoers.d/{name}", f"{RULE}\n", 0o644)
    (node.path / "etc/sudoers.d/directory").mkdir()
    os.mkfifo(node.path / "etc/sudoers.d/fifo")
    node.write("/etc/sudoers.d/bytes", f"# \x00\n{RULE} #ü\n")
    probed = node.probe(shell=shell, before="cd /tmp")
    assert probed.text.isascii()
    files = probed.sudo_files()
    for name in names:
        file = files[f"/etc/sudoers.d/{name}"]
        assert (file["mode"], file["grants"]["items"]) == ("0644", [RULE])
    assert files["/etc/sudoers.d/bytes"]["grants"]["items"] == [RULE]
    assert not {"/etc/sudoers.d/directory", "/etc/sudoers.d/fifo"} & set(files)
    assert not [found for found in node.path.rglob("x") if found.parts[-2] in {"tmp", "sudoers.d"}]


def test_a_hostile_configuration_arrives_as_text(node: Node) -> None:
    content = '{"a": "$(touch /tmp/x) `id` \\" ü\t\x7f", "schema": "ssm-harden/host/1"}'
    node.write("/etc/amazon/ssm/amazon-ssm-agent.json", content, 0o666)
    config = node.probe().document["agent"]["config"]
    assert (plain(config["content"]), config["mode"]) == (content, "0666")
    node.write("/etc/amazon/ssm/amazon-ssm-agent.json", "ü" * 5000)
    assert "unknown" in node.probe().document["agent"]["config"]["content"]


def test_what_needs_root_is_unknown_and_not_empty(node: Node) -> None:
    document = node.probe(user="nobody:nogroup").document
    assert document["probe"]["elevated"] is False
    for part in (document["sudo_files"], document["connections"], document["identities"]["items"][0]["sudo"]):
        assert part == {"unknown": "the probe did not run as root"}
    assert set(document["session_logs"]["files"]) == {"unknown"}
    assert set(document["agent"]["config"]["content"]) == {"unknown"}
    assert set(document["agent"]["service"]) == {"unknown"}
    assert document["identities"]["items"][0]["uid"] == 1000


def test_a_user_that_is_not_there_is_no_user_without_sudo(node: Node) -> None:
    node.ran("userdel ssm-user")
    user = node.probe().user()
    assert (user["exists"], user["uid"]) == (False, None)
    assert "unknown user" in user["sudo"]["unknown"]


def test_files_that_sudo_refuses_are_no_absence_of_rules(node: Node) -> None:
    os.chown(node.path / "etc/sudoers", 1000, 1000)
    probed = node.probe()
    assert "owned by uid 1000" in probed.user()["sudo"]["unknown"]
    assert probed.sudo_files()["/etc/sudoers"]["owner"] == "1000"


def test_users_are_listed_as_they_are_named_in_the_script(node: Node, tmp_path: Path) -> None:
    assert PROBE.read_text().count("\nSSM_HARDEN_USERS='ssm-user'\n") == 1
    node.ran("useradd -m session-operator; usermod -aG sudo session-operator")
    text = PROBE.read_text().replace("SSM_HARDEN_USERS='ssm-user'", "SSM_HARDEN_USERS='ssm-user session-operator'")
    changed = tmp_path / "probe.sh"
    changed.write_text(text)
    node.install("/run/other.sh", changed)
    document = json.loads(node.ran("sh /run/other.sh"))
    assert [user["name"] for user in document["identities"]["items"]] == ["ssm-user", "session-operator"]
    assert document["identities"]["items"][1]["sudo"]["items"] == ["(ALL : ALL) ALL"]


def test_another_language_changes_nothing(node: Node) -> None:
    german = {"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"}
    assert "may run" not in node.ran("sudo -n -l -U ssm-user", env=german), "sudo speaks no German here"
    assert node.probe(env=german).document == node.probe().document


def test_the_agents_connections_are_listed(node: Node) -> None:
    document = node.probe_connected("127.0.0.1", "52.46.140.10", "::1").document
    shown = ("0000:0000:0000:0000:0000:0000:0000:0001", "127.0.0.1", "52.46.140.10")
    expected = [{"process": "amazon-ssm-agent", "peer": peer, "port": 443} for peer in shown]
    assert document["connections"] == {"items": expected, "more": None}
    assert document["agent"]["service"] == "running"


def test_many_connections_are_cut_and_it_is_said(node: Node) -> None:
    document = node.probe_connected(*(f"127.0.0.{number}" for number in range(2, 22))).document
    assert len(document["connections"]["items"]) == 16
    assert document["connections"]["more"] == "16 of 20 are listed"


def test_a_connection_of_another_process_is_not_the_agents(node: Node) -> None:
    document = node.probe_connected("127.0.0.1", program="openssl").document
    assert document["connections"] == {"items": [], "more": None}
    assert document["agent"]["service"] == "stopped"


def test_names_are_resolved(node: Node) -> None:
    node.write("/etc/hosts", "172.31.9.4 ssm.eu-west-1.amazonaws.com\n172.31.9.5 ssm.eu-west-1.amazonaws.com\n", 0o644)
    first, *rest = node.probe(env={"AWS_SSM_REGION_NAME": REGION}).document["names"]["items"]
    assert first["addresses"]["items"] == ["172.31.9.4", "172.31.9.5"]
    assert [name["addresses"]["items"] for name in rest] == [[]] * 5
    assert set(node.probe().document["names"]) == {"unknown"}


def test_logs_of_sessions_are_counted_and_not_read(node: Node) -> None:
    folder = f"/var/lib/amazon/ssm/{NODE}/session/orchestration/alice-1/Standard_Stream"
    os.utime(node.write(f"{folder}/ipcTempFile.log", "secret-1"), (0, 0))
    node.write(f"{folder}/a\nb", "secret-2")
    probed = node.probe()
    assert probed.document["session_logs"]["files"] == 2
    assert probed.document["session_logs"]["oldest_days"] > 20_000
    assert "secret" not in probed.text


def test_thousands_of_files_are_cut_and_those_that_matter_come_first(node: Node) -> None:
    for number in range(5000):
        node.write(f"/etc/sudoers.d/{number:04}-{'x' * 60}", f"bob{number} ALL=(ALL) ALL\n")
    node.write("/etc/sudoers.d/zzzz", "".join(f"ssm-user ALL=(ALL) /bin/{'y' * 40}{number}\n" for number in range(500)))
    probed = node.probe()
    assert len(probed.text) <= MOST_BYTES
    files = probed.document["sudo_files"]
    assert [file["path"] for file in files["items"][:2]] == [DROP_IN, "/etc/sudoers.d/zzzz"]
    assert re.fullmatch(r"\d+ of 5004 files are listed, those that name a user first", files["more"])
    assert re.search(r"of 500 are listed", files["items"][1]["grants"]["more"])
    assert "more" in probed.user()["sudo"]


def test_everything_at_its_largest_fits(node: Node) -> None:
    for number in range(60):
        node.write(f"/etc/sudoers.d/{'ü' * 100}{number}", f"ssm-user ALL=(ALL) /bin/{'ü' * 300}{number}\n")
    node.write("/etc/amazon/ssm/amazon-ssm-agent.json", "x" * 8192)
    hosts = "".join(
        f"2600:1f18:1234:5678:9abc:def0:1234:{n:x} {s}.{REGION}.amazonaws.com\n"
        for n in range(20)
        for s in ("ssm", "ssmmessages", "ec2messages", "kms", "logs", "s3")
    )
    node.write("/etc/hosts", hosts, 0o644)
    probed = node.probe(env={"AWS_SSM_REGION_NAME": REGION})
    assert len(probed.text) <= MOST_BYTES
    assert probed.document["agent"]["config"]["content"] == "x" * 8192


def test_the_probe_changes_nothing(node: Node) -> None:
    node.probe_connected("127.0.0.1")
    before = everything(node.path)
    node.probe_connected("127.0.0.1")
    assert everything(node.path) == before


def everything(root: Path) -> dict[str, tuple[object, ...]]:
    """Describe each file: kind and mode, owner, size, time of change, and a hash of what is in it."""
    found: dict[str, tuple[object, ...]] = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder) / name
            status = path.lstat()
            match stat.S_IFMT(status.st_mode):
                case stat.S_IFREG:
                    content = hashlib.sha256(path.read_bytes()).hexdigest()
                case stat.S_IFLNK:
                    content = str(path.readlink())
                case _:
                    content = ""
            key = str(path.relative_to(root))
            found[key] = (status.st_mode, status.st_uid, status.st_gid, status.st_size, status.st_mtime_ns, content)
    return found


def test_the_script_is_clean() -> None:
    if shutil.which("shellcheck") is None:
        give_up("not installed: shellcheck")
    done = subprocess.run(("shellcheck", "--shell=sh", PROBE), check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_count_that_did_not_end_well_is_no_count(node: Node) -> None:
    folder = f"/var/lib/amazon/ssm/{NODE}/session/orchestration/alice-1/Standard_Stream"
    node.write(f"{folder}/ipcTempFile.log", "x")
    node.write("/usr/sbin/stat", '#!/bin/sh\n/usr/bin/stat "$@"\nexit 1\n', 0o755)
    found = node.probe().document["session_logs"]
    assert set(found["files"]) == set(found["oldest_days"]) == {"unknown"}


def test_on_macos_the_launch_daemon_says_where_the_agent_is(node: Node) -> None:
    """No Mac runs here: this is the way to the files, not what macOS's own tools answer."""
    node.write("/usr/sbin/uname", '#!/bin/sh\n[ "$1" != -s ] || { echo Darwin; exit; }\n/usr/bin/uname "$@"\n', 0o755)
    shutil.rmtree(node.path / "etc/amazon")
    lost = node.probe().document
    for part in (lost["agent"]["version"], lost["agent"]["config"], lost["session_logs"]["files"]):
        assert "does not say where the agent is" in part["unknown"]
    program = "    <string>/srv/agent/bin/amazon-ssm-agent</string>\n"
    node.write("/Library/LaunchDaemons/com.amazon.aws.ssm.plist", f"<array>\n{program}</array>\n", 0o600)
    node.write("/srv/agent/amazon-ssm-agent.json", CONFIG, 0o600)
    found = node.probe().document
    assert found["probe"]["platform"] == "macos"
    assert found["agent"]["config"]["path"] == "/srv/agent/amazon-ssm-agent.json"
    assert found["session_logs"]["files"] == 0
