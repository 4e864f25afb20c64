"""The Jira Cloud stand-in: state, routes and refusals of one site, as strict as the service."""
