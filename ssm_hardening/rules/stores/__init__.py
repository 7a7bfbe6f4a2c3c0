"""Rules over buckets and log groups that hold recordings, and over who reads them (S3, CW)."""
