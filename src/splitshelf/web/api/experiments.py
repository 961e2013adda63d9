"""Experiments: list, read with verdict, start, stop."""

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from splitshelf.core.experiments import Experiment
from splitshelf.core.refusals import read_json
from splitshelf.prove import experiments as lifecycle
from splitshelf.prove.verdict import Verdict
from splitshelf.prove.verdicts import judge
from splitshelf.web.api.bodies import json_body, reply, shop_of
from splitshelf.web.api.described import described

router = APIRouter(prefix="/v1/experiments", tags=["experiments"])


class Judged(msgspec.Struct, frozen=True):
    """An experiment and what it says now."""

    experiment: Experiment
    verdict: Verdict


@router.get("", **described(list[Experiment], errors=()))
async def all_experiments(request: Request) -> Response:
    """Every experiment, by start."""
    return reply(await run_in_threadpool(lifecycle.experiments, shop_of(request).store))


@router.get("/{name}", **described(Judged, errors=(404,)))
async def one(request: Request, name: str) -> Response:
    """One experiment with its verdict at this moment."""
    shop = shop_of(request)
    experiment = await run_in_threadpool(lifecycle.find, name, shop.store)
    verdict = await run_in_threadpool(judge, experiment, shop.store, shop.clock())
    return reply(Judged(experiment, verdict))


@router.post("", **described(Experiment, body=Experiment, status=201, errors=(400, 409, 413, 415)))
async def start(request: Request) -> Response:
    """Start an experiment; its plan is frozen from now on."""
    plan = read_json(await json_body(request), Experiment, "an experiment")
    shop = shop_of(request)
    names = tuple(shop.policies)
    return reply(
        await run_in_threadpool(lifecycle.start, plan, shop.store, shop.clock(), names), 201
    )


@router.post("/{name}/stop", **described(Experiment, errors=(404, 409)))
async def stop(request: Request, name: str) -> Response:
    """Stop an experiment; everybody gets the default again."""
    shop = shop_of(request)
    return reply(await run_in_threadpool(lifecycle.stop, name, shop.store, shop.clock()))
