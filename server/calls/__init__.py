"""Who is in the call, and the bridge to the call engine in `signaling/`."""
