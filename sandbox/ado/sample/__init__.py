"""The project's own sample: the booking system of a ferry company that does not exist."""
