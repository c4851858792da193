"""Processes, ours and other people's: started, talked to, confined, ended, never waited for without a deadline."""
