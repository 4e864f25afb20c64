"""The factories that the command line and the tests make stand-ins with.

`build_ado` lives in `sandbox.ado.build`, `build_jira` in `sandbox.jira.build`, `build_github` in
`sandbox.github.build`; all take keyword arguments only, share `seed`, `latency_ms`, `limits`, `faults` and
`clock`, return a Service that is not yet listening, and raise BuildError with a sentence for a person when their
content cannot be read.
"""

from sandbox.ado.build import build_ado
from sandbox.errors import BuildError
from sandbox.github.build import build_github
from sandbox.jira.build import build_jira

__all__ = ["BuildError", "build_ado", "build_github", "build_jira"]
