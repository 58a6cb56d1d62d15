"""The services' own OpenAPI documents under docs/api/."""

import json

import pytest
import schemathesis

from gateway.internal_contract import DIRECTORY, INTERNAL, text


@pytest.mark.parametrize("service", INTERNAL)
def test_the_document_in_docs_is_up_to_date(service: str) -> None:
    written = (DIRECTORY / f"{service}.json").read_text()
    assert written == text(service), "run python -m gateway.internal_contract"


@pytest.mark.parametrize("service", INTERNAL)
def test_the_document_is_valid_openapi(service: str) -> None:
    schemathesis.openapi.from_dict(json.loads(text(service))).validate()
