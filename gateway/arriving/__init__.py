"""A message as it arrives: its raw bytes, and what the milter hands on and gets back."""
