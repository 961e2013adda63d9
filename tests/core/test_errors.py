"""Messages help the caller."""

from splitshelf.core.errors import MissingExtra, UnknownName


def test_an_unknown_name_proposes_the_nearest():
    """A slip of the pen gets the right name and the list."""
    message = str(UnknownName("model", "itemknn", ["item_knn", "popular"]))
    assert message == (
        "No model is called 'itemknn'. Did you mean 'item_knn'? Known: item_knn, popular."
    )


def test_a_missing_extra_names_the_pip_command():
    """The reader can copy the command from the message."""
    assert "pip install 'splitshelf[postgresql]'" in str(MissingExtra("PostgreSQL", "postgresql"))
