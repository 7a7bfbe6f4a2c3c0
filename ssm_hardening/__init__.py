"""Find, explain, and fix gaps in AWS Systems Manager Session Manager."""

__version__ = "0.1.0"
