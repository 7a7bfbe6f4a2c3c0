"""Evaluates expressions in the three-valued domain: what the text can tell, and nothing else."""
