"""Find, explain and close the gaps in AWS Systems Manager Session Manager."""

__version__ = "0.1.0"
