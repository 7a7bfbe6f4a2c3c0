"""One process of hashicorp/aws that every terraform of a test talks to, where nothing is asked of AWS.

Each terraform otherwise starts the provider itself, `terraform test` does once a run block: four fifths of its time.
The provider keeps the settings of the last one that configured it, so this is for validation and for mocked providers.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REATTACH = "TF_REATTACH_PROVIDERS"


@contextmanager
def served(initialised: Path) -> Iterator[dict[str, str]]:
    """Start the provider that a folder was initialised with; yield what terraform's environment must say of it."""
    program, source = _installed(initialised)
    with subprocess.Popen([program, "-debug"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
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
