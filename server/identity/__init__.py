"""Links, sessions, and what each role may read and do."""
