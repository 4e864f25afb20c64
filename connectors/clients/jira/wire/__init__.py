"""What Jira Cloud's messages mean, without any I/O.

`payloads` names the shapes, `values` reads and writes single values, `bodies` builds request bodies, `answers`
deciphers responses and refusals, `paging` walks listings safely.
Reference: https://developer.atlassian.com/cloud/jira/platform/rest/v3/
"""
