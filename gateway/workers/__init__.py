"""Where messages are read: processes with deadlines, forked from a nursery, and what is handed to and fro."""
