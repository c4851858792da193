"""Files made for tests: each small, each the same on every run."""
