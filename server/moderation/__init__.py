"""Flags, cases, decisions, and the desk where moderators work."""
