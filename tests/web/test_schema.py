"""Whatever is sent: no 5xx, every error in the documented shape, every answer as documented."""

from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from web.browsing import serving
from web.web_shop import copy_of

pytestmark = [pytest.mark.slow, pytest.mark.server]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def loaded(made_shop, tmp_path_factory):
    """The document of a real server over a shop that the test may spoil."""
    folder = tmp_path_factory.mktemp("schema")
    with copy_of(made_shop, folder):
        pass
    with serving(folder / made_shop.name) as base:
        yield schemathesis.openapi.from_url(f"{base}/openapi.json")


def test_no_input_breaks_the_api(loaded):
    """Every operation, with right and wrong inputs generated from the document."""
    seen = [try_out(result.ok()) for result in loaded.get_all_operations()]
    assert len(seen) > 15


def try_out(operation):
    """The name of the operation, once forty inputs were answered as documented."""
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=right)
    def with_right_input(case):
        check(case)

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=wrong)
    def with_wrong_input(case):
        check(case)

    with_right_input()
    with suppress(Unsatisfiable):  # where every text is right, nothing can be wrong
        with_wrong_input()
    return operation.label


def check(case):
    """One call is answered as the document says, or refused in the one shape."""
    response = case.call()
    case.validate_response(response, checks=CHECKS)
    if response.status_code >= 400:
        body = response.json()
        assert set(body) == {"error"}, body
        assert set(body["error"]) == {"code", "message"}, body
