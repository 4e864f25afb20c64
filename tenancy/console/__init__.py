"""The console's shell: its base view, sign-in, and the pages about an organization's people and tokens."""
