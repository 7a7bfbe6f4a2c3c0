"""moto, extended: what it lacks, and AWS's own answers where it is too loose. Loaded by the child process only."""
