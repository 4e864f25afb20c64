"""Writes: what a synchronization is, does and knows. Views, jobs, admin actions and commands are doors to these."""
