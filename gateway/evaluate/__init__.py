"""Measures detecting on labelled texts, through the very inspection that mail goes through."""
