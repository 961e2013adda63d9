"""The trained models, as their manifests tell."""

from pathlib import Path

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from splitshelf.learn.artefacts.manifest import MANIFEST, DamagedArtefact, Manifest, read_manifest
from splitshelf.learn.artefacts.reading import current_version
from splitshelf.web.api.bodies import reply, shop_of
from splitshelf.web.api.described import described

router = APIRouter(prefix="/v1/models", tags=["models"])


class Bundles(msgspec.Struct, frozen=True):
    """The bundles on disk."""

    current: Manifest | None
    """The one that answers; null before the first training."""
    others: list[Manifest]
    """Earlier ones, the newest first."""
    damaged: list[str]
    """Why some bundle is passed over."""


@router.get("", **described(Bundles, errors=()))
async def models(request: Request) -> Response:
    """The bundle that answers and those kept beside it, with their offline metrics."""
    return reply(await run_in_threadpool(bundles, shop_of(request).models))


def bundles(folder: Path) -> Bundles:
    """What lies in the folder of the artefacts, by the manifests alone: no model is opened."""
    found: list[Manifest] = []
    damaged: list[str] = []
    for path in folder.glob(f"*/{MANIFEST}"):
        try:
            found.append(read_manifest(path.parent))
        except DamagedArtefact as error:
            damaged.append(str(error))
    found.sort(key=lambda one: one.made, reverse=True)
    version = current_version(folder)
    current = next((one for one in found if one.version == version), found[0] if found else None)
    return Bundles(current, [one for one in found if one is not current], damaged)
