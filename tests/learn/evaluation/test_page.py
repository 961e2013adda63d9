"""The HTML page of an evaluation, and the plots in it."""

import re

import numpy as np

from learn.evaluation.worlds import counting, fixed, taste_world
from splitshelf.learn.evaluation.evaluation import Estimate, evaluate
from splitshelf.learn.evaluation.page import page
from splitshelf.learn.evaluation.plots import whiskers
from splitshelf.learn.evaluation.protocols.leave_one_out import leave_one_out


def test_the_page_holds_every_model_and_metric_and_needs_no_other_host():
    """Each value stands in it; no link, script or font of anybody else."""
    models = {"counting": counting, "none <b>": fixed(np.zeros(30))}
    result = evaluate(taste_world(), models, leave_one_out, rng=np.random.default_rng(3))
    html = page(result)
    assert "none &lt;b&gt;" in html
    assert "<b>" not in html
    for name, estimate in result.models["counting"].metrics.items():
        assert name in html
        assert estimate.value is None or f"{estimate.value:.4f}" in html
    assert not re.search(r"https?:|<script|<link|@import|url\(", html)


def test_a_plot_is_drawn_to_scale():
    """The largest upper end touches the right edge; half of it lies in the middle."""
    rows = [("a", Estimate(0.2, 0.1, 0.4)), ("b", Estimate(0.3, 0.2, 0.4)), ("c", Estimate(None))]
    svg = whiskers(rows)
    assert svg.count("<circle") == 2
    centres = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', svg)]
    ends = [float(x) for x in re.findall(r'class="interval" x1="[\d.]+" x2="([\d.]+)"', svg)]
    left = 130
    assert centres[0] - left == (ends[0] - left) / 2
    assert ends[0] == ends[1] == 550
