"""The sample organization of the stand-ins: what the demo moves, and where to."""

SAMPLE_ARGUMENTS = ("--sample",)
"""What `python -m sandbox` is given so that it holds the sample."""

ORGANIZATION = "contoso"
PROJECT = "Saltwind Booking"
PAT = "sandbox-pat"
EMAIL = "sandbox@example.com"
API_TOKEN = "sandbox-token"  # noqa: S105 - public: it opens nothing but the stand-ins
PROJECT_KEY = "DEMO"
