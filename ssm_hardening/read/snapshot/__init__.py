"""Accounts as JSON, in the public contract `ssm-harden/account/1`: nothing is lost on the way there and back."""

from ssm_hardening.read.snapshot.decoding import from_json, loads
from ssm_hardening.read.snapshot.encoding import SCHEMA, origin_json, to_json, value_json

__all__ = ["SCHEMA", "from_json", "loads", "origin_json", "to_json", "value_json"]
