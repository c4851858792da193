"""The commands of `gatepost rules`, one a file."""
