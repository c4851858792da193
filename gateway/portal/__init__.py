"""The web application where recipients pick up what waits for them: `gatepost portal`."""
