"""The application: who may do what, and who is told."""
