"""`splitshelf serve`: answer HTTP."""

import click

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option
from splitshelf.web.server import listen, run

EXAMPLE = """
Example:

    splitshelf serve --port 8080
"""


@click.command(epilog=EXAMPLE)
@config_option
@click.option("--host", help="The address to listen on; from the settings file where not given.")
@click.option("--port", type=click.IntRange(0, 65535), help="The same for the port; 0 is any free.")
def serve(config: str, host: str | None, port: int | None) -> None:
    """Serve the API, the dashboard and the shop until Ctrl+C."""
    with open_shop(config) as shop:
        settings = shop.settings.serve
        listener = listen(host or settings.host, settings.port if port is None else port)
        address = "http://{}:{}".format(*listener.getsockname()[:2])
        click.echo(f"{shop.settings.shop.name}: {address}/dashboard, API {address}/docs", err=True)
        run(shop, listener)
