"""What people do with held mail, evidence and accounts: the use cases behind the console, its API and the command line.

Each checks the right of whoever asks (`rights`), leaves its event in the audit log, and says in plain words why it does
not work. Nothing here knows about HTTP.
"""
