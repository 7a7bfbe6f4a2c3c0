"""Plans and states of the parity roots as `terraform show -json` prints them, for recording without Terraform.

They are made once, by `python -m tests.recorder plans`, with terraform and a provider mirror (SSM_HARDEN_PLUGIN_DIR),
and again only when the roots change: a plan is what is read, so it may not depend on the versions of who made it.
"""

import gzip
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.parity.conftest import MADE_ELSEWHERE
from tests.recorder.served import served

PLANS = Path(__file__).parent / "plans"
ROOTS = ("careless", "grown", "hardened")
FIRST = PLANS / "first"
"""Plans of a first deployment that are read beside their code, and not recorded alone."""
FIRST_OF = ("examples/average", "examples/careless", "examples/hardened", "tests/parity/two")


def make(parity: Path) -> None:
    """Plan and apply each root in an empty simulated account, and keep what Terraform shows."""
    shutil.rmtree(PLANS, ignore_errors=True)
    PLANS.mkdir()
    import boto3

    for name in ROOTS:
        with tempfile.TemporaryDirectory() as folder, served("empty"):
            boto3.client("iam").create_user(UserName=MADE_ELSEWHERE)
            root = Path(folder) / name
            shutil.copytree(parity / name, root)
            _make(root)
    make_first(parity.parent.parent)


def make_first(repository: Path) -> None:
    """Plan each root that is not applied, in an empty simulated account."""
    FIRST.mkdir(exist_ok=True)
    for place in FIRST_OF:
        with tempfile.TemporaryDirectory() as folder, served("empty"):
            root = Path(folder) / place.replace("/", "-")
            shutil.copytree(repository / place, root)
            _terraform(root, "init", "-input=false", f"-plugin-dir={os.environ['SSM_HARDEN_PLUGIN_DIR']}")
            _terraform(root, "plan", "-input=false", "-out=saved")
            (FIRST / f"{root.name}.json.gz").write_bytes(
                gzip.compress(_terraform(root, "show", "-json", "saved"), mtime=0)
            )


def _make(root: Path) -> None:
    _terraform(root, "init", "-input=false", f"-plugin-dir={os.environ['SSM_HARDEN_PLUGIN_DIR']}")
    if root.name == "grown":
        # It is about resources that are there already, and counts that shrink.
        _terraform(root, "apply", "-auto-approve", "-var=first=true")
    _terraform(root, "plan", "-out=saved")
    _keep(f"{root.name}-planned", _terraform(root, "show", "-json", "saved"))
    _terraform(root, "apply", "saved")
    _keep(f"{root.name}-state", _terraform(root, "show", "-json"))


def _terraform(root: Path, *arguments: str) -> bytes:
    more = {"TF_CLI_CONFIG_FILE": os.devnull, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    command = ["terraform", *arguments, "-no-color"]
    return subprocess.run(command, cwd=root, env={**os.environ, **more}, stdout=subprocess.PIPE, check=True).stdout


def _keep(name: str, shown: bytes) -> None:
    (PLANS / f"{name}.json.gz").write_bytes(gzip.compress(shown, mtime=0))
