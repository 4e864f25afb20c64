"""Moving a project: runs, their items, their ledger. The folder `migrations/` holds schema migrations only."""
