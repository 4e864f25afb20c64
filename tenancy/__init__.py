"""Who we serve: organizations, their people, and how a request proves whom it speaks for."""
