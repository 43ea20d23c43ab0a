"""The interview: its state, one file of rules per concern, and the one write path."""
