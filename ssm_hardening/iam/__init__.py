"""The policy language of IAM: statements, and what can be said of them without guessing."""
