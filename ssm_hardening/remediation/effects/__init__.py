"""What would stop working today if a change were made as things are: said of the facts, change by change."""
