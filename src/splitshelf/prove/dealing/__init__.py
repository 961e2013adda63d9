"""Who learns which policy is best in which situation. To add one: one file, and one line here."""

from splitshelf.prove.dealing import linear, vowpal_wabbit
from splitshelf.prove.dealing.learner import Learner

LEARNERS: dict[str, Learner] = {
    "linear": Learner(linear.learn, linear.chances),
    "vowpal_wabbit": Learner(vowpal_wabbit.learn, vowpal_wabbit.chances),
}
"""name -> what it makes of a day, and the chance it gives each arm to be the best."""
