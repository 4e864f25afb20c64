"""A client generated from our OpenAPI document by openapi-python-client creates, tests and lists a connector.

https://github.com/openapi-generators/openapi-python-client
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.jira.build import build_jira
from tenancy.models import ApiToken
from tenancy.services import issue_api_token
from tests.builders import Cast
from tests.codes import ROOT
from tests.connectors.conftest import open_to_sandbox, serve

__all__ = ["open_to_sandbox", "serve"]

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The generated package, importable for as long as this module runs."""
    folder = tmp_path_factory.mktemp("generated")
    config = folder / "config.yaml"
    config.write_text("package_name_override: isthmus_client\npost_hooks: []\n", encoding="utf-8")
    command = Path(sys.executable).with_name("openapi-python-client")
    made = subprocess.run(
        [
            str(command),
            "generate",
            "--path",
            str(ROOT / "docs" / "openapi.yaml"),
            "--meta",
            "none",
            "--config",
            str(config),
            "--output-path",
            str(folder / "isthmus_client"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield "isthmus_client"
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == "isthmus_client"]:
        del sys.modules[name]


def part(package: str, name: str) -> Any:
    return importlib.import_module(f"{package}.{name}")


def test_a_generated_client_creates_tests_and_lists_a_connector(
    people: Cast, package: str, serve: Any, live_server: Any
) -> None:
    jira = serve(build_jira()).url.removeprefix("http://")
    token = issue_api_token(people.organization, people.owner.user, kind=ApiToken.Kind.TOKEN).secret
    connection = part(package, "client").AuthenticatedClient(base_url=live_server.url, token=token, prefix="Token")
    models = part(package, "models")
    params = {
        "alm_method": "http",
        "alm_server": jira,
        "alm_user": "sandbox@example.com",
        "alm_pass": "sandbox-token",
        "alm_project": "DEMO",
    }
    body = models.AlmConnectorBodyRequest.from_dict({"name": "Target", "system": {"id": "jira"}, "params": params})

    with connection as client:
        made = part(package, "api.api.create_alm_connector").sync(client=client, body=body)
        by_id = models.AlmTestBodyRequest.from_dict({"id": made.id})
        tested = part(package, "api.api.test_alm_connector").sync(client=client, body=by_id)
        listed = part(package, "api.api.list_alm_connectors").sync(client=client)

    assert (made.name, made.system.id, made.params.to_dict()) == ("Target", "jira", params | {"alm_pass": "********"})
    assert tested.to_dict() == {"success": True}
    assert [each.id for each in listed.results] == [made.id]
