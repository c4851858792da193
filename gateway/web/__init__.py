"""What the console and the portal share: the gate before them, how they are served, HTML of mails made harmless."""
