"""What an auditor is handed with an export: a page, and a script that needs nothing of Gatepost."""
