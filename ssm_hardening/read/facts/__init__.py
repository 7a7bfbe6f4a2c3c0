"""From resources to facts, one file for each kind."""
