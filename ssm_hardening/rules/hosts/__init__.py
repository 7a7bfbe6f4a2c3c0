"""Rules over the inside of nodes (HOST)."""
