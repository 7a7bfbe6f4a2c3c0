"""Rules over the KMS keys of sessions and recordings (KMS)."""
