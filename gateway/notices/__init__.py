"""What Gatepost says to people of its own accord: its voice, digests for officers, what became of what was held."""
