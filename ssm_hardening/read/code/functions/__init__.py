"""Terraform's pure functions over values that may be known, absent or unknown, one file per family."""

from ssm_hardening.read.code.functions.arguments import Call
from ssm_hardening.read.code.functions.filesystem import read_text_file
from ssm_hardening.read.code.functions.table import call_function, is_supported

__all__ = ["Call", "call_function", "is_supported", "read_text_file"]
