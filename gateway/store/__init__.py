"""What survives: keys, sealed blobs, the database and the journal of what was already done."""
