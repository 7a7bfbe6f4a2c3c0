"""The rules on what the probe printed on a real node: they fail, the remedy's own script runs there, they pass."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ssm_hardening.read.hosts.joining import read_evidence
from ssm_hardening.verdicts.findings import Failed, Passed, Undecided, Verdict
from tests.hosts.baseline import baseline, rollback
from tests.hosts.recording import HOSTS, both, recorded
from tests.hosts.roots import RULE, Node, Probed
from tests.rules.judging import verdict_on

Judge = Callable[[Probed], Verdict]


@pytest.fixture
def host_02(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """Return HOST-02's verdict on what the probe printed."""

    def judged(probed: Probed) -> Verdict:
        file = tmp_path_factory.mktemp("evidence") / "node.json"
        file.write_text(probed.text, encoding="ascii")
        (evidence,) = read_evidence([file])
        return verdict_on("HOST-02", evidence.host)

    return judged


def test_the_remedy_closes_it_and_the_way_back_opens_it(node: Node, host_02: Judge) -> None:
    before = host_02(node.probe())
    assert isinstance(before, Failed)
    assert "NOPASSWD: ALL" in str(before)

    for _ in range(2):
        assert baseline(node, remove_privileges="true").status == 0
        assert isinstance(host_02(node.probe()), Passed)

    assert rollback(node).status == 0
    assert isinstance(host_02(node.probe()), Failed)


def test_a_group_opens_it_again(node: Node, host_02: Judge) -> None:
    assert baseline(node, remove_privileges="true").status == 0
    node.write("/etc/sudoers.d/wheel", "%wheel ALL=(ALL) ALL\n")
    assert isinstance(host_02(node.probe()), Passed)
    node.ran("usermod -aG wheel ssm-user")
    assert isinstance(host_02(node.probe()), Failed)


def test_an_included_drop_in_opens_it_again(node: Node, host_02: Judge) -> None:
    assert baseline(node, remove_privileges="true").status == 0
    node.write("/etc/sudoers.d/zz", "@includedir /srv/sudo.d\n")
    node.write("/srv/sudo.d/ours", f"{RULE}\n")
    found = host_02(node.probe())
    assert isinstance(found, Failed)
    assert "/srv/sudo.d/ours" in str(found)


def test_without_sudo_there_is_nothing_to_close(node: Node, host_02: Judge) -> None:
    node.ran("SUDO_FORCE_REMOVE=yes dpkg --purge sudo")
    assert isinstance(host_02(node.probe()), Passed)


def test_without_root_nothing_is_told(node: Node, host_02: Judge) -> None:
    assert baseline(node, remove_privileges="true").status == 0
    assert isinstance(host_02(node.probe()), Passed)
    assert isinstance(host_02(node.probe(user="nobody:nogroup")), Undecided)


def test_a_list_that_was_cut_is_no_pass(node: Node, host_02: Judge) -> None:
    assert baseline(node, remove_privileges="true").status == 0
    for number in range(60):
        node.write(f"/etc/sudoers.d/{number}", "# nothing\n")
    assert isinstance(host_02(node.probe()), Undecided)


def test_what_the_simulated_nodes_print_is_what_was_seen(node: Node, host_02: Judge) -> None:
    before, after = both(node)
    assert isinstance(host_02(before), Failed)
    assert isinstance(host_02(after), Passed)
    for name, probed in (("before", before), ("after", after)):
        assert recorded(probed) == Path(HOSTS / f"linux-{name}.json").read_text(encoding="ascii")
