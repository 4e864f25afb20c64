"""What GitHub's messages mean. Nothing here sends anything."""
