"""Where providers come from: the folder that was named, else Terraform's own ways, else a mirror on this machine.

Terraform finds providers by itself: by its CLI configuration, in the folders that it takes for local mirrors, and in
the registry. Only where none of these answers is one looked for: in the plugin cache, which Terraform does not use
without the registry, and below the usual folders. Whether they answer is asked once in a run, without a download.
"""

import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ssm_hardening.core.errors import UsageError
from ssm_hardening.verification import cli_config, mirrors
from ssm_hardening.verification.diagnostics import Diagnostic, is_answer, is_nowhere, is_unreachable, read_init
from ssm_hardening.verification.processes import Finished, environment, run
from ssm_hardening.verification.tools import data_home, terraform_product

PLUGIN_DIR = "SSM_HARDEN_PLUGIN_DIR"
CURE = f"pass a folder of providers with --plugin-dir DIR or {PLUGIN_DIR}"
FIXED = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_CLIENT_SECONDS = 5
_DISCOVERY_SECONDS = 15
_REFUSED_TOLD = 2

# A version that no provider has: whoever knows the provider's versions says so, and nothing is downloaded.
_QUESTION = """\
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "0.0.0-none"
    }
  }
}
"""


class Supplier(StrEnum):
    """Which way a provider takes."""

    NAMED = "named"
    LOCAL = "local"
    REGISTRY = "registry"
    MIXED = "mixed"  # the registry, beside local mirrors of other providers
    CACHE = "cache"
    FOUND = "found"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Supply:
    """Where providers come from.

    `folder` goes to `init -plugin-dir`; None: init gets them itself, or there are none (`Source.NONE`). `origin` is
    the rest of a sentence that begins with "providers". `problem` says why hashicorp/aws cannot be had, and the cure.
    """

    source: Supplier
    origin: str
    folder: Path | None = None
    problem: str = ""


OWN = Supply(Supplier.LOCAL, "found by Terraform itself")
"""Terraform's own ways, nobody having asked which of them answers."""


def starts() -> tuple[Path, ...]:
    """Return the folders below which a mirror is looked for."""
    usual = ("/opt", "/usr/share", "/usr/local/share", "/usr/local/lib", "/var/lib")
    return (*(Path(each) for each in usual), data_home())


def find(option: str | Path | None, executable: Path | None) -> Supply:
    """Return where providers come from. Raises UsageError where a folder was named that is none."""
    return Finder(option, executable).providers()


class Finder:
    """Where providers come from, for one run: learned when it is first asked for, and remembered.

    `option` is that of `--plugin-dir`; `below` returns the folders in which a mirror is looked for. Raises UsageError
    where a folder was named that is none.
    """

    def __init__(
        self,
        option: str | Path | None,
        executable: Path | None,
        *,
        below: Callable[[], tuple[Path, ...]] = starts,
    ) -> None:
        self._named = _named(option)
        self._executable = executable
        self._below = below
        self._known: Supply | None = None
        self._kind: tuple[bool, mirrors.ProviderBuild] | None = None

    def named(self) -> Supply | None:
        """Return the folder that was named, without asking anybody; None where none was."""
        if self._named is None:
            return None
        folder, source = self._named
        wanted = self._wanted()
        problem = (
            "" if mirrors.versions(folder, wanted) else f"{folder} ({source}) does not contain {_what(wanted)}; {CURE}"
        )
        return Supply(Supplier.NAMED, f"from {folder} ({source})", folder, problem)

    def providers(self) -> Supply:
        """Return where providers come from; the first time this asks the registry, for some seconds at most."""
        if self._known is None:
            self._known = self.named() or self._ask()
        return self._known

    def without_downloads(self) -> Supply:
        """Return what serves though the registry's packages cannot be had, and remember it for the rest of the run."""
        self._known = self._search("packages could not be downloaded from the registry")
        return self._known

    def providers_for(self, folder: Path) -> Supply:
        """Return where providers come from for the code in a folder, which may bring its own (`terraform.d`)."""
        known = self.providers()
        beside = folder / "terraform.d" / "plugins"
        if known.source is Supplier.NAMED or not mirrors.versions(beside, self._wanted()):
            return known
        return Supply(Supplier.LOCAL, "from the code's own terraform.d/plugins")

    # --- what is asked and looked at -------------------------------------------------------------

    def _wanted(self) -> mirrors.ProviderBuild:
        return self._about()[1]

    def _about(self) -> tuple[bool, mirrors.ProviderBuild]:
        """Return whether it is OpenTofu, and the provider as that executable looks for it."""
        if self._kind is None:
            product = None if self._executable is None else terraform_product(self._executable)
            opentofu = product is not None and product.name == "OpenTofu"
            machine = (product.platform if product else "") or mirrors.this_platform()
            host = "registry.opentofu.org" if opentofu else "registry.terraform.io"
            self._kind = (opentofu, mirrors.ProviderBuild(host, machine))
        return self._kind

    def _ask(self) -> Supply:
        if self._executable is None:
            return Supply(Supplier.NONE, "from nowhere", problem="neither terraform nor tofu was found")
        answer = self._answer(self._executable)
        errors = init_errors(answer)
        if answer.timed_out or (errors and all(is_unreachable(error) for error in errors)):
            return self._search("the registry did not respond")
        return self._own(errors)

    def _answer(self, executable: Path) -> Finished:
        """Ask, by Terraform's own ways, for the versions of the provider."""
        settings = cli_config.settings()
        given = settings.get(cli_config.CLIENT_TIMEOUT, "")
        seconds = int(given) if given.isdecimal() and int(given) else _CLIENT_SECONDS
        env = environment(prefixes=("TF_TOKEN_",)) | settings | FIXED | {cli_config.CLIENT_TIMEOUT: str(seconds)}
        with tempfile.TemporaryDirectory(prefix="ssm-harden-") as name:
            Path(name, "main.tf").write_text(_QUESTION, encoding="utf-8")
            words: list[str | Path] = [executable, "init", "-backend=false", "-input=false", "-no-color"]
            return run(words, cwd=Path(name), env=env, timeout=_DISCOVERY_SECONDS + 2 * seconds)

    def _own(self, errors: Sequence[Diagnostic]) -> Supply:
        """Say which of Terraform's own ways has a say, as far as the answer tells."""
        opentofu, wanted = self._about()
        configured = cli_config.read(opentofu=opentofu).installation
        if configured is not None:
            problem = f"none of the locations in {configured} has {_what(wanted)}; {CURE}"
            missing = any(map(is_nowhere, errors))
            return Supply(Supplier.LOCAL, f"as configured in {configured}", problem=problem if missing else "")
        local = cli_config.implied_mirrors(opentofu=opentofu)
        holding = [each for each in local if mirrors.versions(each, wanted)]
        if holding:
            return Supply(Supplier.LOCAL, f"from {holding[0]} (a local mirror of {_called(opentofu=opentofu)})")
        if not any(map(is_answer, errors)):
            return OWN
        return Supply(Supplier.MIXED if local else Supplier.REGISTRY, f"from {wanted.host}")

    def _search(self, why: str) -> Supply:
        """Look for a mirror, the plugin cache first."""
        opentofu, wanted = self._about()
        refused: tuple[str, ...] = ()
        cache = cli_config.read(opentofu=opentofu).cache
        if cache is not None and mirrors.versions(cache, wanted):
            reason = mirrors.distrust(cache, above=False)
            if reason is None:
                return Supply(Supplier.CACHE, f"from {cache} (the plugin cache; {why})", cache)
            refused = (f"{cache} was not used: {reason}",)
        places = self._below()
        found = mirrors.look(places, wanted)
        if found.mirrors:
            return Supply(Supplier.FOUND, f"from {found.mirrors[0]} (found; {why})", found.mirrors[0])
        return Supply(Supplier.NONE, "from nowhere", problem=_none(why, wanted, places, (*refused, *found.refused)))


def init_errors(answer: Finished) -> tuple[Diagnostic, ...]:
    """Return the errors that init printed."""
    return read_init(_ANSI.sub("", f"{answer.stdout}\n{answer.stderr}"))


def _named(option: str | Path | None) -> tuple[Path, str] | None:
    for given, source in ((option, "--plugin-dir"), (os.environ.get(PLUGIN_DIR), PLUGIN_DIR)):
        if given:
            folder = Path(given).expanduser().absolute()
            if folder.is_dir():
                return folder, source
            raise UsageError(f"{source}: {given} is not a folder", hint="pass a folder laid out as a provider mirror")
    return None


def _what(wanted: mirrors.ProviderBuild) -> str:
    return f"{wanted.host}/{wanted.name} for {wanted.platform}"


def _called(*, opentofu: bool) -> str:
    return "OpenTofu" if opentofu else "Terraform"


def _none(why: str, wanted: mirrors.ProviderBuild, places: Sequence[Path], refused: Sequence[str]) -> str:
    told = "; ".join(refused[:_REFUSED_TOLD])
    more = f", and {len(refused) - _REFUSED_TOLD} more" if len(refused) > _REFUSED_TOLD else ""
    below = ", ".join(str(place) for place in places)
    looked = f"no {_what(wanted)} was found in the plugin cache or up to {mirrors.LEVELS} levels below {below}"
    return f"{why}, and {looked}{f' ({told}{more})' if refused else ''}; {CURE}"
