"""What must hold of every answer, beyond what schemathesis checks by itself."""

import json

import schemathesis


@schemathesis.serializer("application/sdp")
def as_sdp(ctx, value):
    """Text as it is; what is no text, as JSON has it: no session description either way."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value)).encode(errors="replace")


@schemathesis.check
def no_server_error(ctx, response, case):
    """No 5xx, but for a read that asks for a position which nobody has written yet."""
    if response.status_code < 500:
        return
    code = response.json().get("code") if "json" in response.headers.get("content-type", [""])[0] else None
    assert (response.status_code, code) == (503, "position_not_reached"), f"{response.status_code} {code}: {response.text}"


@schemathesis.check
def refusals_are_problem_documents(ctx, response, case):
    """RFC 9457, with the code and the status that the answer has."""
    if response.status_code < 400 or case.method == "HEAD":
        return
    assert response.headers["content-type"][0].startswith("application/problem+json"), response.headers["content-type"]
    problem = response.json()
    assert problem["status"] == response.status_code and problem["code"] and problem["detail"], problem
