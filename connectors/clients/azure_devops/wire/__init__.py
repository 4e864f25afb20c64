"""What Azure DevOps' messages mean, without I/O: `reading`, `following` and `writing` build calls, `hooks` reads what
the service sends by itself."""
