"""What is claimed about speed, runnable: see `bench/README.md`."""
