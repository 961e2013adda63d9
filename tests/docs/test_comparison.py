"""The comparison page says what the stored results say."""

from pathlib import Path

from scripts import comparison


def test_the_page_is_made_of_the_results():
    """Written anew from docs/results it is the same text."""
    assert Path(comparison.PAGE).read_text() == comparison.page()


def test_a_loss_is_not_hidden():
    """A published number above ours and a single model above the hybrid are both named."""
    result = {
        "models": {
            "ranked": {"hit@20": 0.5, "mrr@20": 0.2},
            "stan": {"hit@20": 0.6, "mrr@20": 0.1},
        },
        "differences": ["stan is better than ranked on hit@20: +0.1."],
    }
    section = next(one for one in comparison.SECTIONS if one.file == "sessions.json")
    losses = list(comparison.lost(section, result))
    assert losses == [
        "SR-GNN published .5073 on hit@20; ranked has less.",
        "stan is better than ranked on hit@20: +0.1.",
    ]
