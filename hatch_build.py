"""Metadata that is known when a distribution is built: where this copy comes from, and the long description.

The project's home is the remote that the checkout was cloned from, so the links of a fork lead to the fork. Without one
(a copied folder, a local remote) no link is made up: anybody could claim an address that does not exist yet.
"""

import re
import subprocess
from email.parser import Parser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#)([^)\s]+)\)")
_SCP_LIKE = re.compile(r"^(?:[\w.-]+@)?([\w.-]+):(?!//)(.+)$")


class HomeHook(MetadataHookInterface):
    """Adds `urls` and `readme`, which `pyproject.toml` calls dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set both fields."""
        root = Path(self.root)
        home = home_of(root)
        metadata["urls"] = urls_of(home)
        text = (root / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": described(text, home)}


def home_of(root: Path) -> str:
    """Return the https address of the repository; empty where it is not known."""
    try:
        told = (root / "PKG-INFO").read_text(encoding="utf-8")
    except OSError:
        return web_address(_remote(root))
    urls = (each.partition(", ") for each in Parser().parsestr(told, headersonly=True).get_all("Project-URL", []))
    return next((url for label, _, url in urls if label == "Repository"), "")


def _remote(root: Path) -> str:
    if not (root / ".git").exists():  # git would find a repository that the folder happens to lie in
        return ""
    command = ["git", "-C", str(root), "config", "--get", "remote.origin.url"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def web_address(remote: str) -> str:
    """Return the address of a remote as browsers take it, without user, password and port; empty for a local path."""
    found = _SCP_LIKE.match(remote)
    host, path = (found[1], found[2]) if found and "://" not in remote else _split(remote)
    path = path.strip("/").removesuffix(".git")
    return f"https://{host}/{path}" if "." in host and path else ""


def _split(remote: str) -> tuple[str, str]:
    parts = urlsplit(remote)
    return (parts.hostname or "", parts.path) if parts.scheme in {"https", "http", "ssh", "git"} else ("", "")


def urls_of(home: str) -> dict[str, str]:
    """Return the links of the project's page."""
    if not home:
        return {}
    links = {"Documentation": "docs/command-line.md", "Changelog": "CHANGELOG.md"}
    return {
        "Repository": home,
        "Issues": f"{home}/issues",
        **{label: page(home, path) for label, path in links.items()},
    }


def page(home: str, path: str) -> str:
    """Return the address at which GitHub and GitLab show a file."""
    return f"{home}/blob/HEAD/{path}"


def described(readme: str, home: str) -> str:
    """Return the README for a page that lacks the repository's other files: links lead home, or are plain text."""
    return LINK.sub(lambda found: f"[{found[1]}]({page(home, found[2])})" if home else found[1], readme)
