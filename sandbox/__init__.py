"""Stand-ins for the services a migration talks to.

They exist so that every behaviour a client must survive can be shown on loopback. Nothing here imports
the product and nothing of the product imports this, so that one mistake cannot be made on both sides.
"""
