"""Where facts come from: each source turns what it reads into accounts."""
