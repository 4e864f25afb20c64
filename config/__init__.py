"""Wiring only: settings, URLs, commands, the process tree. Imports everything, imported by nothing."""
