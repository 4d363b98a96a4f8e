"""The recorded documents are what the pinned SDKs send."""

import documents


def test_recorded():
    recorded = {path.name: path.read_bytes() for path in documents.DATA.glob("*.xml")}
    sent = documents.sent()
    assert {name: recorded.get(name) for name in sent} == sent
