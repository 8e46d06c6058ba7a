"""Signing in at the identity provider, choosing an organisation and a language, signing out."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit
from uuid import UUID

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from shared import clock
from shared.access import browsers, provider, sessions, sign_ins
from shared.access.actors import cookie_name, token_of, who_is_asking
from shared.access.roles import Actor
from shared.settings import settings
from shared.web import call, form_key, forms, language_choice, pages, problems

ORGANISATION, AGAIN = "/organisation", "/sign-in/again"
ATTEMPT_SECONDS = int(sign_ins.LIFE.total_seconds())
SESSION_SECONDS = int(sessions.LONGEST.total_seconds())

log = structlog.get_logger()


async def begin(request: Request) -> Response:
    """Sends the browser to the identity provider."""
    chosen = settings()
    if not chosen.identity_issuer:
        raise problems.Problem(503, "no_sign_in", "No identity provider is configured.", "Set ZORGSPOOR_IDENTITY_ISSUER.")
    if chosen.demo and request.headers.get("host", "") != urlsplit(chosen.public_url).netloc:
        # localhost for 127.0.0.1: cookies and the way back belong to the one address
        return RedirectResponse(chosen.public_url.rstrip("/") + pages.address_of(request), status_code=303)
    if request.headers.get("sec-fetch-site") == "cross-site":  # another site may not sign anybody in who is still known to the provider
        return pages.render(request, "sign_in.html", {"further": pages.address_of(request)}, actor=None, service=None, now=clock.now())
    return await _to_provider(request, again="again" in request.query_params)


async def begin_again(request: Request) -> Response:
    """Sends the browser of who is signed in to the provider, to show anew who they are; the session goes on after it."""
    who = await signed_in(request)
    if request.headers.get("sec-fetch-site") == "cross-site":
        return pages.render(request, "sign_in.html", {"further": pages.address_of(request)}, actor=who, service=None, now=clock.now())
    return await _to_provider(request, who.session_id)


async def _to_provider(request: Request, session_id: UUID | None = None, *, again: bool = False) -> Response:
    back = _local(request.query_params.get("next"))
    try:
        attempt = await sign_ins.begin(settings(), back, session_id=session_id, again=again)
    except provider.NoAnswer as error:
        raise _away() from error
    response = RedirectResponse(attempt.url, status_code=303)
    _set_cookie(response, _attempt_cookie(), attempt.browser, ATTEMPT_SECONDS)
    return response


async def finish(request: Request) -> Response:
    """The browser comes back from the identity provider: a new session begins, or the one it has goes on."""
    sent = request.query_params
    browser = request.cookies.get(_attempt_cookie(), "")
    try:
        done = await sign_ins.finish(settings(), state=sent.get("state", ""), code=sent.get("code", ""), browser=browser)
    except provider.NoAnswer as error:
        raise _away() from error
    except sign_ins.NoRole as error:
        log.warning("sign-in refused", reason=str(error), who=str(error.who))
        if error.who is not None and error.session_id is not None:  # nor in the session that was to go on
            await sessions.end_one(error.who, error.session_id)
        raise problems.Problem(
            403, "no_role", "The identity provider gives you no role here.", "Ask who manages your organisation's accesses."
        ) from error
    except sign_ins.NotAgain as error:
        log.warning("sign-in refused", reason=str(error))
        raise problems.Problem(
            403, "not_again", "The identity provider did not ask anew who you are.", "Sign out, there too, and sign in."
        ) from error
    except sign_ins.NotSignedIn as error:
        log.warning("sign-in refused", reason=str(error))
        raise problems.Problem(400, "not_signed_in", "Signing in did not succeed.", "Start again at /sign-in.") from error
    who, further = done.who, done.back
    if done.session_id is None or await sessions.has_changed(done.session_id, who):  # with other rights than it began, one begins anew
        before, browser = token_of(request), browsers.family(request.headers.get("user-agent", ""))
        secret: str | None = await sessions.start(who, instead_of=before, browser=browser, shown_at=done.shown_at)
        further = further if len(who.memberships) == 1 else _organisation_url(further)
    else:
        secret = await sessions.renew(done.session_id, who.id, done.shown_at)
    if secret is None:
        raise problems.Problem(403, "somebody_else", "That was somebody else, or the session ended.", "Nothing was changed.")
    log.info("signed in", who=str(who.id), by="provider", again=done.session_id is not None)
    response = RedirectResponse(further, status_code=303)
    _set_cookie(response, cookie_name(settings()), secret, SESSION_SECONDS)
    _delete_cookie(response, _attempt_cookie())
    language_choice.forget(response)
    return response


async def choose_language(request: Request) -> Response:
    """Goes on in another language, on the same page."""
    typed = await form(request)
    return await language_choice.choose(request, str(typed["language"]), _local(str(typed["next"])))


async def organisations(request: Request) -> Response:
    """The organisations of who signed in, to choose one."""
    who = await signed_in(request)
    context = {"back": _local(request.query_params.get("next")), "memberships": who.memberships}
    return pages.render(request, "organisation.html", context, actor=who, service=None, now=clock.now())


async def choose(request: Request) -> Response:
    """Goes on in the chosen organisation."""
    await signed_in(request)
    typed = await form(request)
    try:
        secret = await sessions.choose(token_of(request) or "", UUID(str(typed["organisation"])))
    except ValueError:
        secret = None
    if secret is None:
        raise problems.Problem(404, "not_found", "You do not belong to such an organisation.")
    response = RedirectResponse(_local(str(typed["next"])), status_code=303)
    _set_cookie(response, cookie_name(settings()), secret, SESSION_SECONDS)
    return response


async def leave(request: Request) -> Response:
    """Signs out here; `everywhere` on all devices, if one signed in lately: here in any case."""
    await form(request)
    secret, left_elsewhere = token_of(request), False
    if secret is not None:
        who = await who_is_asking(request)
        everywhere = request.url.path.endswith("/everywhere")
        if who is not None and everywhere:
            left_elsewhere = not await sessions.is_fresh(who.session_id)
            if not left_elsewhere:
                await sessions.end_all(who.id, by=who)
        await sessions.end(secret)
        log.info("signed out", who=str(who.id) if who else None, everywhere=everywhere)
    # cookies are not among what is cleared: browsers would take those of the whole domain
    response = RedirectResponse(
        "/sign-out/done" + ("?elders" if left_elsewhere else ""), status_code=303, headers={"Clear-Site-Data": '"cache", "storage"'}
    )
    _delete_cookie(response, cookie_name(settings()))
    return response


async def left(request: Request) -> Response:
    """Says that one signed out here, and where to do so at the provider."""
    chosen = settings()
    # a link and no redirect: `form-action 'self'` ends a form's way at our own door
    further = await provider.of(chosen).end_session_url(chosen.public_url) if chosen.identity_issuer else None
    context = {"further": further, "elsewhere": "elders" in request.query_params}
    return pages.render(request, "signed_out.html", context, actor=None, service=None, now=clock.now())


def must_choose(who: Actor | None) -> bool:
    """Whether somebody signed in and has still to choose an organisation."""
    return who is not None and who.session_id is not None and not who.roles


def organisation_url(request: Request) -> str:
    """Where to choose an organisation so as to come back here."""
    return _organisation_url(pages.address_of(request) if request.method == "GET" else "/")


def _organisation_url(back: str) -> str:
    return f"{ORGANISATION}?{urlencode({'next': back})}"


async def signed_in(request: Request) -> Actor:
    """Whose session it is. Raises a 401 problem without one."""
    who = await who_is_asking(request)
    if who is None or who.session_id is None:
        raise problems.unauthenticated(token_of(request) is not None)
    return who


async def form(request: Request) -> forms.Typed:
    """What was typed in a form of ours. Raises a 403 problem without the word of the session."""
    call.expect_type(request, call.FORM_TYPE)
    typed = forms.parse(await call.read_body(request))
    form_key.check(request, str(typed[form_key.FIELD]))
    return typed


def _away() -> problems.Problem:
    return problems.Problem(503, "unavailable", "The identity provider does not answer.", "Try it again in a moment.", retry_after=5)


def _local(address: str | None) -> str:
    return address if address and call.is_local(address) else "/"


def _attempt_cookie() -> str:
    return cookie_name(settings()) + "_attempt"


def _set_cookie(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=_secure())


def _delete_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, httponly=True, samesite="lax", secure=_secure())


def _secure() -> bool:
    return settings().public_url.startswith("https://")


def routes() -> list[BaseRoute]:
    """`/sign-in`, `/organisation`, `/language` and `/sign-out`."""
    return [
        Route("/sign-in", begin, methods=["GET"]),
        Route(AGAIN, begin_again, methods=["GET"]),
        Route(sign_ins.BACK, finish, methods=["GET"]),
        Route(ORGANISATION, organisations, methods=["GET"]),
        Route(ORGANISATION, choose, methods=["POST"]),
        Route(language_choice.ADDRESS, choose_language, methods=["POST"]),
        Route("/sign-out", leave, methods=["POST"]),
        Route("/sign-out/everywhere", leave, methods=["POST"]),
        Route("/sign-out/done", left, methods=["GET"]),
    ]
