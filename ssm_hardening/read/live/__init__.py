"""A live account, read by API: one file for each service; what is refused becomes a gap that names the call."""
