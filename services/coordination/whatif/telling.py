"""What a what-if says, in the words of its page: the changes, the sentence that comes first, what was counted and what it does not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.coordination import words
from services.coordination.rule import RULE
from services.coordination.whatif.domain import ASSUMED, COHORT, SEEDS, TAIL, Answer, Range, Zone
from services.coordination.whatif.scenario import USUAL_INTAKE, Away, Change, Fte, Hire, Intake
from shared.web import formats
from shared.web.languages import gettext, ngettext


def change(told: Change, names: Mapping[UUID, str], zone: Zone) -> str:
    """`30 % meer nieuwe dossiers`"""
    match told:
        case Intake(percent):
            share = formats.percent(abs(percent - USUAL_INTAKE) / 100)
            if percent == USUAL_INTAKE:
                return gettext("Evenveel nieuwe dossiers")
            return (
                gettext("{share} meer nieuwe dossiers", share=share)
                if percent > 100
                else gettext("{share} minder nieuwe dossiers", share=share)
            )
        case Fte(worker, fte):
            before = next(each.fte for each in zone.workers if each.id == worker)
            return gettext("{name} werkt {fte} VTE in plaats van {before}", name=names[worker], fte=_fte(fte), before=_fte(before))
        case Away(worker, first, last):
            days = {"first": formats.short_date(first, zone.now), "last": formats.short_date(last, zone.now)}
            return gettext("{name} is er niet van {first} tot en met {last}", name=names[worker], **days)
        case Hire():
            return gettext("{fte} VTE erbij vanaf {day}", fte=_fte(told.fte), day=formats.short_date(told.starts_on, zone.now))


def hired(told: Hire) -> str:
    """What somebody new can do: `Zorgcoördinator; Kwetsbare oudere; Nederlands, Frans`"""
    roles = ", ".join(str(words.ROLES[role]) for role in told.roles)
    return "; ".join([roles, words.programmes(told.programmes), words.languages(told.languages)])


def weeks(said: Range | None) -> str:
    """A wait as a range: `1 tot 3 weken`"""
    if said is None:
        return gettext("niet te zeggen")
    low, high = round(said.low), round(said.high)
    if high == 0:
        return gettext("minder dan een week")
    if low >= TAIL:
        return gettext("meer dan {weeks} weken", weeks=TAIL)
    if high >= TAIL:
        return gettext("{low} tot meer dan {weeks} weken", low=low, weeks=TAIL)
    if low == high:
        return ngettext("ongeveer {number} week", "ongeveer {number} weken", high)
    return (
        ngettext("hoogstens {number} week", "hoogstens {number} weken", high)
        if low == 0
        else gettext("{low} tot {high} weken", low=low, high=high)
    )


def cases(said: Range) -> str:
    """A number of cases as a range: `4 tot 9 dossiers`"""
    low, high = round(said.low), round(said.high)
    if high == 0:
        return gettext("geen dossiers")
    if low == high:
        return ngettext("{number} dossier", "{number} dossiers", high)
    return gettext("{low} tot {high} dossiers", low=low, high=high)


def sentence(answer: Answer, changed: Sequence[str]) -> str:
    """What it comes down to: how long who comes around the last week waits, with the changes and without."""
    week = len(answer.now.weeks)
    now = weeks(answer.now.weeks[-1].wait)
    if answer.then is None:
        return gettext("Blijft alles zoals nu, dan wacht men rond week {week} {now} op een aanbod.", week=week, now=now)
    then = weeks(answer.then.weeks[-1].wait)
    what = {"changes": "; ".join(changed), "week": week, "then": then}
    if then == now:
        return gettext("{changes}: rond week {week} wacht men {then}, net als zonder wijziging.", **what)
    return gettext("{changes}: rond week {week} wacht men {then}, in plaats van {now}.", now=now, **what)


def counts(answer: Answer, waiting: int) -> str:
    """How many wait at the end, with the changes and without; and in how many of the runs they are fewer."""
    now, today = cases(answer.now.weeks[-1].waiting), cases(Range(waiting, waiting, waiting))
    if answer.then is None:
        return gettext("Dan wachten er {now} op een coördinator; vandaag {today}.", now=now, today=today)
    said = {"then": cases(answer.then.weeks[-1].waiting), "now": now, "today": today}
    return " ".join(
        [
            gettext("Dan wachten er {then} op een coördinator, in plaats van {now}; vandaag {today}.", **said),
            gettext(
                "In {fewer} van de {runs} berekeningen wachten er minder, in {more} meer.",
                fewer=answer.fewer,
                more=answer.more,
                runs=answer.fewer + answer.equal + answer.more,
            ),
        ]
    )


def counted_from(zone: Zone) -> list[dict[str, Any]]:
    """What it was counted from: numbers, dates, the version of the rule."""
    past = zone.past
    closings = sum(past.closings(programme) for programme in past.lengths)
    fte = sum(worker.fte for worker in zone.workers)
    return [
        {
            "term": gettext("Nieuwe dossiers"),
            "value": gettext("{cases} in {weeks} weken", cases=past.came, weeks=len(past.weeks)),
            "note": gettext("{first} tot en met {last}", first=_day(past.monday), last=_day(past.until - timedelta(days=1))),
        },
        {
            "term": gettext("Hoe lang dossiers duren"),
            "value": ngettext("{number} afgesloten dossier", "{number} afgesloten dossiers", closings),
            "note": gettext("in {weeks} weken; wat nog loopt telt mee voor zover het duurde", weeks=ASSUMED.lengths_weeks),
        },
        *(
            {
                "term": gettext("Aanname"),
                "value": gettext(
                    "{programme}: gemiddeld {weeks} weken", programme=words.PROGRAMMES.get(code, code), weeks=ASSUMED.length_of(code)
                ),
                "note": gettext("minder dan {fewest} afgesloten", fewest=ASSUMED.fewest_closings),
            }
            for code in zone.assumed
        ),
        {
            "term": gettext("De zone vandaag"),
            "value": ngettext("{number} coördinator", "{number} coördinatoren", len(zone.workers)) + f" ({_fte(fte)} VTE)",
            "note": gettext("{held} dossiers in handen of aangeboden, {waiting} wachten", held=len(zone.held), waiting=len(zone.waiting)),
        },
        {
            "term": gettext("Gerekend"),
            "value": gettext("{runs} keer, met regelversie {version}", runs=len(SEEDS), version=RULE.version),
            "note": gettext("{day} om {clock}", day=formats.full_date(zone.now), clock=formats.clock(zone.now)),
        },
    ]


def unknown(zone: Zone, changes: Sequence[Change]) -> list[str]:
    """What it does not know, each with the number that says how much that may matter."""
    past = zone.past
    told = [
        gettext(
            "Een aanbod wordt hier meteen aanvaard. In werkelijkheid werden er {declined} van de {offers} geweigerd of liet men de termijn voorbijgaan.",
            declined=past.turned_down,
            offers=past.offers,
        ),
        gettext("Wie wacht, blijft hier wachten; niemand trekt zich terug of gaat elders heen."),
        gettext("Drukke of stille tijden die niet in deze weken vielen, zoals vakanties, kent de berekening niet."),
    ]
    if any(zone.elsewhere.values()):
        told.append(gettext("Wie ook in een andere zone werkt, houdt daar wat die persoon er nu heeft."))
    if any(isinstance(each, Away) for each in changes):
        told.append(gettext("Dossiers van wie afwezig is, blijven bij die collega; alleen nieuwe gaan naar anderen."))
    if any(isinstance(each, Hire) for each in changes):
        told.append(
            gettext(
                "Wie begint, kan in het eerste jaar {points} punten per VTE dragen, zoals de regel zegt, en neemt dossiers vanaf de eerste dag.",
                points=formats.points(RULE.first_year_per_fte),
            )
        )
    return told


def reading() -> str:
    """How to read the ranges."""
    return gettext(
        "8 op 10 van wie in die week en de {weeks} weken ervoor komt, krijgt binnen deze tijd een aanbod. De laagste en hoogste waarden: 8 op 10 "
        "berekeningen liggen ertussen.",
        weeks=COHORT - 1,
    )


def not_enough(zone: Zone) -> str:
    """Why nothing is said yet."""
    return gettext(
        "Deze berekening trekt de komende weken uit de voorbije. Daarvoor zijn {weeks} volle weken met samen {cases} nieuwe dossiers nodig; deze "
        "zone heeft er nu {known_weeks} met samen {known_cases}.",
        weeks=ASSUMED.fewest_weeks,
        cases=ASSUMED.fewest_cases,
        known_weeks=len(zone.past.weeks),
        known_cases=zone.past.came,
    )


def _fte(hundredths: int) -> str:
    return formats.number(hundredths / 100)


def _day(day: date | datetime) -> str:
    return formats.full_date(day)
