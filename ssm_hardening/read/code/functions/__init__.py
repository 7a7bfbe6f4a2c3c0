"""Terraform's pure functions over values that may be known, absent or unknown, one file per family."""
