"""Keeping two projects alike."""
