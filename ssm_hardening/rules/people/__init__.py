"""Rules over what people may do: sessions, other shells, preferences, keys (OPER)."""
