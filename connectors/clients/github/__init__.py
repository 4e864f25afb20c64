"""GitHub, in the cloud and on Enterprise Server: `wire` knows what its messages mean, `client` sends them."""
