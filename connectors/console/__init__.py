"""The console's pages of this layer."""
