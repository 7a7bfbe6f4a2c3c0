"""Reads Terraform and OpenTofu code: modules, evaluation, and the facts in it."""
