"""Rules over session documents: the preferences, what they record, and as whom sessions run (PREF, RUNAS)."""
