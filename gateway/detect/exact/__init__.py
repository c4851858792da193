"""Exact data match: values of one row of a list of the organisation, known by their keyed hashes alone."""
