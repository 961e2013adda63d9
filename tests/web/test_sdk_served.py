"""How the browser SDK leaves the server; apart from the browser, which has a loop of its own."""

from web.test_front import run


def test_the_script_is_served_to_any_origin(client):
    """With a tag, so that the next visit costs nothing."""
    answer = run(client.get("/sdk/v1/splitshelf.js"))
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-type"].startswith("text/javascript")
    again = run(
        client.get("/sdk/v1/splitshelf.js", headers={"if-none-match": answer.headers["etag"]})
    )
    assert (again.status_code, again.content) == (304, b"")
