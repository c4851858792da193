"""Forms of the organisation, known again when they are filled in."""
