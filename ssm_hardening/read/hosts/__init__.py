"""Evidence from inside nodes: the probes that gather it, and what reads and joins it."""
