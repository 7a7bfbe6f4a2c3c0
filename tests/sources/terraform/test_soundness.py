"""What we say while a variable is unknown holds whatever value it is given."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ssm_hardening.hcl.writing import encode
from ssm_hardening.origins import CodeOrigin
from ssm_hardening.sources.terraform.encoded import as_text
from ssm_hardening.sources.terraform.inputs import Inputs
from ssm_hardening.sources.terraform.invalid import Invalid
from ssm_hardening.values import Unknown, Value
from tests.sources.terraform.comparing import contradicts
from tests.sources.terraform.evaluating import plain, tree
