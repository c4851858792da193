"""The vocabulary that every room shares. Imports the standard library alone."""
