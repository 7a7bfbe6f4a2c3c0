"""What a distribution says of where it comes from: the remote it was cloned from, and nothing made up."""

import subprocess
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from hatchling.metadata.core import ProjectMetadata
from hatchling.metadata.spec import construct_metadata_file_2_4
from hatchling.plugin.manager import PluginManager

from hatch_build import LINK, home_of, web_address
from tests.cli.running import TOP, write

README = "Read [the rules](docs/rules/README.md), [RFC](https://example.org/rfc) and [below](#below).\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    write(tmp_path, {"README.md": README, "LICENSE": "", "ssm_hardening/__init__.py": ""})
    for name in ("pyproject.toml", "hatch_build.py"):
        (tmp_path / name).write_bytes((TOP / name).read_bytes())
    return tmp_path


def cloned_from(checkout: Path, remote: str) -> None:
    for words in (["init", "--quiet"], ["remote", "add", "origin", remote]):
        subprocess.run(["git", *words], cwd=checkout, check=True)


def metadata(checkout: Path) -> Message:
    read = ProjectMetadata(str(checkout), PluginManager())
    return Parser().parsestr(construct_metadata_file_2_4(read))


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/someone/ssm-harden.git", "https://github.com/someone/ssm-harden"),
        ("https://user:secret@git.example.org:8443/a/b/", "https://git.example.org/a/b"),
        ("git@gitlab.example.org:group/sub/tool.git", "https://gitlab.example.org/group/sub/tool"),
        ("ssh://git@github.com/someone/ssm-harden", "https://github.com/someone/ssm-harden"),
        ("/srv/git/ssm-harden.git", ""),
        ("file:///srv/git/ssm-harden.git", ""),
        ("../ssm-harden", ""),
        ("host:path", ""),
        ("", ""),
    ],
)
def test_an_address_for_browsers_is_made_of_a_remote(remote: str, address: str) -> None:
    assert web_address(remote) == address


def test_the_links_of_a_clone_lead_to_its_remote(checkout: Path) -> None:
    cloned_from(checkout, "https://token@github.com/someone/fork.git")

    told = metadata(checkout)

    assert told.get_all("Project-URL") == [
        "Repository, https://github.com/someone/fork",
        "Issues, https://github.com/someone/fork/issues",
        "Documentation, https://github.com/someone/fork/blob/HEAD/docs/command-line.md",
        "Changelog, https://github.com/someone/fork/blob/HEAD/CHANGELOG.md",
    ]
    shown = told.get_payload()
    assert "[the rules](https://github.com/someone/fork/blob/HEAD/docs/rules/README.md)" in shown
    assert "[RFC](https://example.org/rfc) and [below](#below)" in shown
    assert "token" not in told.as_string()


def test_without_a_remote_no_link_is_made_up(checkout: Path) -> None:
    told = metadata(checkout)

    assert told.get_all("Project-URL") is None
    assert "Read the rules, [RFC](https://example.org/rfc)" in told.get_payload()


def test_a_source_distribution_remembers_where_it_came_from(checkout: Path) -> None:
    write(checkout, {"PKG-INFO": "Metadata-Version: 2.4\nProject-URL: Repository, https://github.com/a/b\n\nText\n"})

    assert home_of(checkout) == "https://github.com/a/b"


def test_every_link_of_the_readme_holds() -> None:
    links = {found[2].partition("#")[0] for found in LINK.finditer((TOP / "README.md").read_text(encoding="utf-8"))}

    assert links
    assert not [link for link in links if not (TOP / link).exists()]
