"""The tricks, by kind. Each module lists those of one kind; `generate.py` writes them down."""
