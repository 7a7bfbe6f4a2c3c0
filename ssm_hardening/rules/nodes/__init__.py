"""Rules over the roles of nodes and how nodes hand out credentials (ROLE)."""
