"""Rules over what reaches a node and what a node reaches (NET)."""
