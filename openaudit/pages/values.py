"""Words for the values of the JSON contract (labels, outcomes, stages, …), for whatever is read by people."""

from __future__ import annotations

from openaudit.evidence import Outcome
from openaudit.languages import _, in_context, marked

# The four rungs of the ladder, from the top, and what may stand beside them: the labels of the JSON contract.
RUNGS = {
    "open-source-ai-open-data": marked("Open source AI with open data"),
    "open-source-ai": marked("Open source AI"),
    "open-weights": marked("Open weights"),
    "weights-available": marked("Weights available"),
}
OFF = {"not-released": marked("Not released"), "unknown": marked("Can’t tell")}

OUTCOMES = {
    Outcome.MET: marked("Met"),
    Outcome.PARTIAL: marked("In part"),
    Outcome.UNMET: marked("Not met"),
    Outcome.UNKNOWN: marked("Can’t tell"),
    Outcome.NOT_APPLICABLE: marked("Does not apply"),
    Outcome.ERROR: marked("Not judged"),
}
FREEDOMS = OUTCOMES | {
    Outcome.MET: marked("Granted"),
    Outcome.PARTIAL: marked("Limited"),
    Outcome.UNMET: marked("Denied"),
}
SIGNS = {  # the class of a sign, short because a page may have 20,000 of them; its order is the order of sorting
    Outcome.MET: "m",
    Outcome.PARTIAL: "p",
    Outcome.UNKNOWN: "q",
    Outcome.UNMET: "u",
    Outcome.NOT_APPLICABLE: "n",
    Outcome.ERROR: "e",
}
GRANTS = {"granted": Outcome.MET, "limited": Outcome.PARTIAL, "denied": Outcome.UNMET}
LEVELS = {
    "none": marked("None"),
    "low": marked("Low"),
    "medium": marked("Medium"),
    "high": marked("High"),
    "unknown": marked("Can’t tell"),
}
STAGES = {
    "pre-training": marked("Pre-training"),
    "mid-training": marked("Mid-training"),
    "fine-tuning": marked("Fine-tuning"),
    "preference": marked("Preference data"),
    "unspecified": marked("Stage not clear"),
}
STATUSES = {
    "available": (marked("Anyone can download it"), Outcome.MET),
    "gated": (marked("Behind a gate"), Outcome.PARTIAL),
    "no-files": (marked("A page without the data"), Outcome.UNMET),
    "missing": (marked("Not on the Hub, or not any more"), Outcome.UNMET),
    "withdrawn": (marked("Disabled"), Outcome.UNMET),
    "not-released": (marked("Never released"), Outcome.UNMET),
}
FORMS = {
    "data": marked("the data themselves"),
    "sample": marked("a sample"),
    "index": marked("pointers to the data"),
    "loader": marked("a script that fetches them"),
}
RELATIONS = {
    "finetune": marked("fine-tuned from"),
    "adapter": marked("an adapter for"),
    "quantized": marked("quantised from"),
    "merge": marked("merged from"),
    "unspecified": marked("made from"),
}
# What a page may tell of the costs of a model, to people and to the planet.
COSTS = {
    "costs.carbon": marked("the carbon emitted by training"),
    "costs.energy": marked("the energy that training took"),
    "costs.water": marked("the water that training took"),
    "costs.hardware": marked("the hardware that training took, and for how long"),
    "costs.place": marked("where it was trained"),
    "costs.inference": marked("what running the model takes"),
    "costs.labour": marked("who labelled, rated or moderated the data"),
    "costs.pay": marked("what these people were paid and how they were protected"),
    "costs.consent": marked("the consent of the people whose works and data were used, and how to opt out"),
    "costs.compute": marked("the compute that training took"),
}


def label_title(label: str) -> str:
    """A label of the ladder, as words."""
    return _((RUNGS | OFF).get(label, OFF["unknown"]))


def openwashing(level: str) -> str:
    """The distance between claim and fact, inside a line."""
    words = {
        "none": in_context("openwashing", "none"),
        "low": in_context("openwashing", "low"),
        "medium": in_context("openwashing", "medium"),
        "high": in_context("openwashing", "high"),
        "unknown": in_context("openwashing", "unknown"),
    }
    return words.get(level, level)


def outcome_word(outcome: str) -> str:
    """How something came out, in a word."""
    words = {
        "met": in_context("outcome", "met"),
        "partial": in_context("outcome", "partial"),
        "unmet": in_context("outcome", "unmet"),
        "unknown": in_context("outcome", "unknown"),
        "not_applicable": in_context("outcome", "not_applicable"),
        "error": in_context("outcome", "error"),
    }
    return words.get(outcome, outcome)


def status_word(status: str) -> str:
    """Whether a data set can be had, in a word."""
    words = {
        "available": in_context("data set", "available"),
        "gated": in_context("data set", "gated"),
        "no-files": in_context("data set", "no-files"),
        "missing": in_context("data set", "missing"),
        "withdrawn": in_context("data set", "withdrawn"),
        "not-released": in_context("data set", "not-released"),
        "unknown": in_context("data set", "unknown"),
    }
    return words.get(status, status)


def stage_title(stage: str) -> str:
    """A stage of training."""
    return _(STAGES[stage]) if stage in STAGES else stage


def status_title(status: str) -> str:
    """Whether a data set can be had."""
    return _(STATUSES[status][0] if status in STATUSES else OFF["unknown"])


def relation_title(relation: str) -> str:
    """How a model was made from its ancestor."""
    return _(RELATIONS[relation]) if relation in RELATIONS else relation


def licence_title(id: str | None) -> str:
    """The id of a licence; in words, where there is none or it is not known."""
    return _("no licence") if id == "none" else id or _("not known")
