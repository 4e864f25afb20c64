"""Telling others what happens here: signed deliveries to addresses that a tenant names."""
