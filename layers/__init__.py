"""What is known: tables, reading with quarantine, storage, the county and its sample."""
