"""Accounts to begin with."""
