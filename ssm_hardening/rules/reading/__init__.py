"""Rules over what was read: which parts of the code were not (READ)."""
