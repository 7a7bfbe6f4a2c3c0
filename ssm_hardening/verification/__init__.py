"""Proof that generated Terraform is well-formed, valid, clean under checkov, and closes what it should close."""
