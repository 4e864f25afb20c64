import pytest

from sandbox.ado.service import AdoService
from tests.sandbox.ado.client import Caller, small_service


@pytest.fixture
def service() -> AdoService:
    return small_service()


@pytest.fixture
def caller(service: AdoService) -> Caller:
    return Caller(service)
