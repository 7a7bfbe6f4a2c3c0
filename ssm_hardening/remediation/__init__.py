"""What closes the gaps: which modules, edits and steps, in which order, and the files that say so."""
