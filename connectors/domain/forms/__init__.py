"""Self-describing forms of systems: what a connector's parameters are, how they are checked, what they change."""
