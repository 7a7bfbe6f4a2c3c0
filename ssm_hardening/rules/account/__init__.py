"""Rules over the account: settings, trails, alerts, history, and the whole path (ACCT, REC, PATH)."""
