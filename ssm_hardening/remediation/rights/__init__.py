"""Rights, reach and guardrails: from findings about access to calls of our modules, added first and restricted last."""
