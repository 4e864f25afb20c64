"""The systems as sides of a synchronization: read and write at once, values in the system's own terms."""
