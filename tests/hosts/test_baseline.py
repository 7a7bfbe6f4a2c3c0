"""The remedy's own script on real nodes: what it takes away, what it leaves, and the way back."""

import pytest

from tests.hosts.baseline import (
    BACKUP,
    CONFIG_FILE,
    STUB_FILE,
    at,
    baseline,
    form,
    is_as_it_came,
    left_under_way,
    rollback,
    sudo_of,
    tree,
)
from tests.hosts.roots import RULE, SUDOERS, Node

BOTH_SHELLS = pytest.mark.parametrize("shell", ["sh", "busybox sh"])


@BOTH_SHELLS
def test_sudo_goes_and_a_second_run_changes_nothing(node: Node, shell: str) -> None:
    assert node.probe().user()["sudo"]["items"] == ["(ALL) NOPASSWD: ALL"]
    first = baseline(node, shell, remove_privileges="true")
    assert first.status == 0, first.text
    assert sudo_of(node) == []
    assert node.probe().user()["sudo"]["items"] == []
    assert all(line.startswith("#") for line in at(node, STUB_FILE).read_text().splitlines())
    assert form(node, STUB_FILE) == (0, 0, 0o440)
    node.ran("visudo -c")

    before = tree(node)
    second = baseline(node, shell, remove_privileges="true")
    assert second.status == 0, second.text
    assert tree(node) == before


@BOTH_SHELLS
def test_the_way_back(node: Node, shell: str) -> None:
    assert baseline(node, shell, remove_privileges="true").status == 0
    assert form(node, BACKUP) == (0, 0, 0o700)
    assert (at(node, BACKUP) / "ssm-agent-users").read_text() == SUDOERS
    back = rollback(node, shell)
    assert back.status == 0, back.text
    assert is_as_it_came(node)
    assert sudo_of(node) == ["(ALL) NOPASSWD: ALL"]
    assert rollback(node, shell).status == 0
    assert is_as_it_came(node)
    assert left_under_way(node) == []


def test_nothing_is_taken_away_unless_it_is_asked_for(node: Node) -> None:
    done = baseline(node)
    assert done.status == 0, done.text
    assert is_as_it_came(node)
    assert not at(node, BACKUP).joinpath("ssm-agent-users").exists()
    assert rollback(node).status == 0


def test_the_mode_of_old_agents_is_mended_both_ways(node: Node) -> None:
    at(node, STUB_FILE).chmod(0o640)
    assert baseline(node, remove_privileges="true").status == 0
    assert form(node, STUB_FILE) == (0, 0, 0o440)
    assert rollback(node).status == 0
    assert is_as_it_came(node)


def test_a_node_before_its_first_session_gets_the_user_without_rights(node: Node) -> None:
    node.ran("userdel -r ssm-user 2>/dev/null")
    at(node, STUB_FILE).unlink()
    done = baseline(node, remove_privileges="true")
    assert done.status == 0, done.text
    assert node.ran("id -nG ssm-user").split() == ["ssm-user"]
    assert node.ran("passwd -S ssm-user").split()[1] == "L"
    assert sudo_of(node) == []
    assert rollback(node).status == 0
    assert not at(node, STUB_FILE).exists()
    assert sudo_of(node) == [], "the way back gives nobody rights that he never had"


def test_another_drop_in_is_named_and_stays(node: Node) -> None:
    file = node.write("/etc/sudoers.d/90-ours", "ssm-user ALL=(ALL) ALL\n")
    done = baseline(node, remove_privileges="true")
    assert done.status == 12
    assert "(ALL) ALL" in done.text
    assert file.read_text() == "ssm-user ALL=(ALL) ALL\n"
    assert sudo_of(node) == ["(ALL) ALL"]


@pytest.mark.parametrize("group", ["sudo", "docker"])
def test_a_membership_that_is_as_good_as_root_is_named_and_stays(node: Node, group: str) -> None:
    node.ran(f"groupadd -f {group} && usermod -aG {group} ssm-user")
    done = baseline(node, remove_privileges="true")
    assert done.status == 12
    assert group in done.text
    assert group in node.ran("id -nG ssm-user").split()


def test_what_visudo_refuses_is_never_put_in_place(node: Node) -> None:
    node.write("/usr/sbin/visudo", "#!/bin/sh\n[ $1 = -c ]\n", 0o755)
    done = baseline(node, remove_privileges="true")
    assert done.status == 11
    assert is_as_it_came(node)
    assert left_under_way(node) == []


def test_what_breaks_sudo_is_put_back(node: Node) -> None:
    sound = "#!/bin/sh\n[ $1 != -c ] || grep -q NOPASSWD /etc/sudoers.d/ssm-agent-users\n"
    node.write("/usr/sbin/visudo", sound, 0o755)
    done = baseline(node, remove_privileges="true")
    assert done.status == 11
    assert is_as_it_came(node)
    assert left_under_way(node) == []


def test_a_file_that_broke_sudo_before_does_not_hinder_and_is_told(node: Node) -> None:
    node.write("/etc/sudoers.d/broken", "this is ((no rule\n")
    done = baseline(node, remove_privileges="true")
    assert done.status == 12
    assert "visudo -c" in done.text
    assert sudo_of(node) == []


def test_without_sudo_there_is_nothing_to_take(node: Node) -> None:
    node.ran("rm -r /etc/sudoers.d /usr/bin/sudo /usr/sbin/visudo; userdel -r ssm-user 2>/dev/null")
    done = baseline(node, remove_privileges="true")
    assert done.status == 0, done.text
    assert not at(node, "/etc/sudoers.d").exists()
    node.ran("id ssm-user")


def test_sudo_that_cannot_be_checked_stays(node: Node) -> None:
    at(node, "/usr/sbin/visudo").unlink()
    done = baseline(node, remove_privileges="true")
    assert done.status == 11
    assert is_as_it_came(node)


def test_a_link_in_the_place_of_the_file_stays(node: Node) -> None:
    at(node, STUB_FILE).rename(at(node, "/etc/elsewhere"))
    at(node, STUB_FILE).symlink_to("/etc/elsewhere")
    done = baseline(node, remove_privileges="true")
    assert done.status == 11
    assert at(node, STUB_FILE).is_symlink()
    assert at(node, "/etc/elsewhere").read_text() == SUDOERS


def test_every_file_that_is_replaced_is_kept_and_the_first_comes_back(node: Node) -> None:
    assert baseline(node, remove_privileges="true").status == 0
    at(node, STUB_FILE).unlink()
    node.write(STUB_FILE, f"{RULE}\n# put back by an image\n")
    assert baseline(node, remove_privileges="true").status == 0
    kept = {path.read_text() for path in at(node, BACKUP).glob("ssm-agent-users*")}
    assert kept == {SUDOERS, f"{RULE}\n# put back by an image\n"}
    assert rollback(node).status == 0
    assert is_as_it_came(node)


def test_the_way_back_does_not_touch_what_others_wrote_since(node: Node) -> None:
    assert baseline(node, remove_privileges="true").status == 0
    at(node, STUB_FILE).unlink()
    node.write(STUB_FILE, "# somebody else's\n")
    assert rollback(node).status == 11
    assert at(node, STUB_FILE).read_text() == "# somebody else's\n"


def test_a_copy_with_errors_does_not_come_back(node: Node) -> None:
    assert baseline(node, remove_privileges="true").status == 0
    (at(node, BACKUP) / "ssm-agent-users").write_text("this is ((no rule\n")
    assert rollback(node).status == 11
    assert sudo_of(node) == []
    node.ran("visudo -c")
    assert left_under_way(node) == []


@pytest.mark.parametrize("script", ["linux.sh", "linux-rollback.sh"])
def test_a_folder_that_others_planted_is_not_trusted(node: Node, script: str) -> None:
    node.ran(f"mkdir -p {BACKUP} && echo x > {BACKUP}/ssm-agent-users && chown -R ssm-user /var/lib/ssm-harden")
    done = baseline(node, script=script, remove_privileges="true")
    assert done.status == 10
    assert is_as_it_came(node)


@BOTH_SHELLS
def test_a_run_as_user_is_made_once(node: Node, shell: str) -> None:
    first = baseline(node, shell, run_as_user="session-operator", remove_privileges="true")
    assert first.status == 0, first.text
    assert node.ran("id -nG session-operator").split() == ["session-operator"]
    assert int(node.ran("id -u session-operator")) > 0
    assert node.ran("passwd -S session-operator").split()[1] == "L"
    assert sudo_of(node, "session-operator") == []

    before = tree(node)
    assert baseline(node, shell, run_as_user="session-operator", remove_privileges="true").status == 0
    assert tree(node) == before


def test_a_new_user_joins_no_group_that_happens_to_have_its_name(node: Node) -> None:
    done = baseline(node, run_as_user="wheel")
    assert done.status == 0, done.text
    assert node.ran("id -nG wheel").split() == ["users"]


def test_a_user_that_is_there_stays_as_it_is(node: Node) -> None:
    node.ran("useradd -m -s /bin/false -G wheel deploy && echo 'deploy:secret' | chpasswd -c SHA512")
    before = tree(node)
    assert baseline(node, run_as_user="deploy").status == 0
    after = tree(node)
    assert {path for path in after if after[path] != before.get(path)} <= {
        str(at(node, name)) for name in ("/var/lib/ssm-harden", BACKUP)
    }


@pytest.mark.parametrize("rights", ["-g 0", "-o -u 0", "-G sudo"])
def test_a_run_as_user_with_rights_is_told(node: Node, rights: str) -> None:
    node.ran(f"useradd {rights} operator-of-root")
    done = baseline(node, run_as_user="operator-of-root")
    assert done.status == 12
    assert "user operator-of-root" in done.text


def test_a_user_that_cannot_be_made_is_told(node: Node) -> None:
    node.write("/usr/sbin/useradd", "#!/bin/sh\nexit 1\n", 0o755)
    assert baseline(node, run_as_user="session-operator").status == 13


@pytest.mark.parametrize("name", ["a b", "-r", "A", "x;id", "$(id)", "a\nb", "a" * 33, "root", "ssm-user", "é"])
def test_a_name_that_is_none_changes_nothing(node: Node, name: str) -> None:
    before = tree(node)
    assert baseline(node, run_as_user=name, remove_privileges="true").status == 10
    assert tree(node) == before


def test_only_root_may(node: Node) -> None:
    before = tree(node)
    assert baseline(node, user="ssm-user", remove_privileges="true", before="chmod 644 /run/baseline.sh").status == 10
    assert rollback(node).status == 0
    assert tree(node) == before


INSTALLER = "#!/bin/sh\ncase $* in *install*screen*) cp /bin/true /usr/bin/screen ;; esac\n"


def test_missing_tools_are_installed_from_the_nodes_own_sources(node: Node) -> None:
    assert baseline(node, install_tools="true").status == 0, "both are there"
    at(node, "/usr/bin/screen").unlink()
    node.write("/usr/bin/apt-get", INSTALLER, 0o755)
    done = baseline(node, install_tools="true")
    assert done.status == 0, done.text
    assert at(node, "/usr/bin/screen").exists()


def test_a_tool_that_cannot_be_had_is_told(node: Node) -> None:
    at(node, "/usr/bin/screen").unlink()
    node.write("/usr/bin/apt-get", "#!/bin/sh\nexit 100\n", 0o755)
    done = baseline(node, install_tools="true", remove_privileges="true")
    assert done.status == 14
    assert "screen is missing" in done.text
    assert sudo_of(node) == [], "the other steps are done nevertheless"


SETTINGS = '{"Ssm":{"SessionLogsDestination":"none"}}'


def test_anothers_agent_configuration_stays(node: Node) -> None:
    before = at(node, CONFIG_FILE).read_text()
    done = baseline(node, agent_config=SETTINGS)
    assert done.status == 15
    assert at(node, CONFIG_FILE).read_text() == before


def test_the_agents_configuration_is_ours_where_there_was_none(node: Node) -> None:
    at(node, CONFIG_FILE).unlink()
    assert baseline(node, agent_config=SETTINGS).status == 16, "no service manager runs here that could restart it"
    assert at(node, CONFIG_FILE).read_text() == f"{SETTINGS}\n"
    assert form(node, CONFIG_FILE) == (0, 0, 0o600)
    assert baseline(node, agent_config='{"Ssm":{}}').status == 16
    assert at(node, CONFIG_FILE).read_text() == '{"Ssm":{}}\n'
    at(node, CONFIG_FILE).write_text("{}")
    assert baseline(node, agent_config=SETTINGS).status == 15, "changed by hand it is another's"
    assert at(node, CONFIG_FILE).read_text() == "{}"
    assert rollback(node).status == 15
    at(node, CONFIG_FILE).write_text('{"Ssm":{}}\n')
    assert rollback(node).status == 16
    assert not at(node, CONFIG_FILE).exists()
    assert left_under_way(node) == []


SYSTEMD = "mkdir -p /run/systemd/system; printf '#!/bin/sh\\necho $* >> /var/asked\\n' > /usr/local/systemctl; "
AS_SYSTEMCTL = SYSTEMD + "mv /usr/local/systemctl /usr/bin/systemctl; chmod 755 /usr/bin/systemctl; "
SESSION = "cp /bin/sleep /run/ssm-session-worker; /run/ssm-session-worker 30 & sleep 0.2; "


def test_the_agent_is_restarted_once_and_never_under_a_session(node: Node) -> None:
    at(node, CONFIG_FILE).unlink()
    open_one = baseline(node, agent_config=SETTINGS, before=AS_SYSTEMCTL + SESSION)
    assert open_one.status == 16, open_one.text
    assert not at(node, "/var/asked").exists()
    assert baseline(node, agent_config=SETTINGS).status == 0
    assert baseline(node, agent_config=SETTINGS).status == 0
    assert at(node, "/var/asked").read_text() == "--no-block try-restart amazon-ssm-agent\n"
