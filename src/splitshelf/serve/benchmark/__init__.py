"""How fast the real server answers, measured against a bare one on the same machine."""
