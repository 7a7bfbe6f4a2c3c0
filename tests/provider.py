"""One process of hashicorp/aws that every terraform of a test talks to.

Each terraform otherwise starts the provider itself, `terraform test` does once a run block: most of its time. Where AWS
is asked, the provider's own environment says where it is. It keeps the settings of the last one that configured it, so
all who share it must configure it alike, or ask nothing of AWS.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

REATTACH = "TF_REATTACH_PROVIDERS"


@contextmanager
def served(initialised: Path, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Start the provider that a folder was initialised with; yield what terraform's environment must say of it."""
    program, source = _installed(initialised)
    with subprocess.Popen(
        [program, "-debug"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            line = next(line for line in process.stdout if f"{REATTACH}='" in line)
            (told,) = json.loads(line.split("'")[1]).values()
            yield {REATTACH: json.dumps({source: told})}
        finally:
            process.terminate()


def _installed(initialised: Path) -> tuple[Path, str]:
    """Return the provider's program and its source address."""
    providers = initialised / ".terraform" / "providers"
    (program,) = providers.glob("*/hashicorp/aws/*/*/terraform-provider-aws*")
    return program, "/".join(program.relative_to(providers).parts[:3])
