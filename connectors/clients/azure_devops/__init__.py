"""Azure DevOps Services: `wire` builds calls, `answers` deciphers what comes back, `values` reads single values (all
pure), `client` sends. Canonical terms live in `connectors.trackers`.

https://learn.microsoft.com/rest/api/azure/devops/
"""
