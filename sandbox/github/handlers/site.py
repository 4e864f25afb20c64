"""The site itself: addresses, versions, limits. https://docs.github.com/rest/meta and /rest/rate-limit"""

from __future__ import annotations

from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.errors import Refusal
from sandbox.github.limits import RateLimits
from sandbox.github.models import JsonObject
from sandbox.http import Response
from sandbox.service import Limits

endpoints = Endpoints("")
_ROOT = {
    "current_user_url": "user",
    "current_user_authorizations_html_url": "settings/connections/applications{/client_id}",
    "authorizations_url": "authorizations",
    "code_search_url": "search/code?q={query}{&page,per_page,sort,order}",
    "commit_search_url": "search/commits?q={query}{&page,per_page,sort,order}",
    "emails_url": "user/emails",
    "emojis_url": "emojis",
    "events_url": "events",
    "feeds_url": "feeds",
    "followers_url": "user/followers",
    "following_url": "user/following{/target}",
    "gists_url": "gists{/gist_id}",
    "hub_url": "hub",
    "issue_search_url": "search/issues?q={query}{&page,per_page,sort,order}",
    "issues_url": "issues",
    "keys_url": "user/keys",
    "label_search_url": "search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    "notifications_url": "notifications",
    "organization_url": "orgs/{org}",
    "organization_repositories_url": "orgs/{org}/repos{?type,page,per_page,sort}",
    "organization_teams_url": "orgs/{org}/teams",
    "public_gists_url": "gists/public",
    "rate_limit_url": "rate_limit",
    "repository_url": "repos/{owner}/{repo}",
    "repository_search_url": "search/repositories?q={query}{&page,per_page,sort,order}",
    "current_user_repositories_url": "user/repos{?type,page,per_page,sort}",
    "starred_url": "user/starred{/owner}{/repo}",
    "starred_gists_url": "gists/starred",
    "topic_search_url": "search/topics?q={query}{&page,per_page}",
    "user_url": "users/{user}",
    "user_organizations_url": "user/orgs",
    "user_repositories_url": "users/{user}/repos{?type,page,per_page,sort}",
    "user_search_url": "search/users?q={query}{&page,per_page,sort,order}",
}
_OTHER_RESOURCES = {
    "graphql": 5_000,
    "integration_manifest": 5_000,
    "source_import": 100,
    "code_scanning_upload": 1_000,
}


@endpoints.route("GET", "/", "meta/meta#github-api-root")
def root(ask: Ask) -> Response:
    """The addresses of everything."""
    return ask.json({name: f"{ask.wire.api}/{tail}" for name, tail in _ROOT.items()})


@endpoints.route("GET", "/meta", "meta/meta#get-github-meta-information")
def meta(ask: Ask) -> Response:
    """What the site is; Enterprise Server tells its version."""
    made: JsonObject = {"verifiable_password_authentication": False}
    if "x-sandbox-enterprise" in ask.call.request.headers:
        made["installed_version"] = ask.call.request.headers["x-sandbox-enterprise"]
    else:
        made.update(hooks=["127.0.0.0/8"], web=["127.0.0.0/8"], api=["127.0.0.0/8"], domains={})
    return ask.json(made)


@endpoints.route("GET", "/versions", "meta/meta#get-all-api-versions")
def versions(ask: Ask) -> Response:
    """The API versions that can be asked for."""
    return ask.json(["2026-03-10", "2022-11-28"])


@endpoints.route(
    "GET", "/rate_limit", "rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user", resource=""
)
def rate_limit(ask: Ask) -> Response:
    """What is left; free. Enterprise Server has no limits unless they are switched on."""
    service, now = ask.service, ask.site.clock.now()
    limited = service.limits is Limits.DOCUMENTED
    if not limited and "x-sandbox-enterprise" in ask.call.request.headers:
        raise Refusal(404, "Rate limiting is not enabled.")
    rates = service.rates if limited else RateLimits(service.behaviour.hourly)
    resources: JsonObject = {}
    for name in ("core", "search"):
        quota = rates.quota(ask.caller.principal, name, now=now)
        shown = {"limit": quota.limit, "used": quota.used, "remaining": quota.remaining, "reset": int(quota.reset)}
        resources[name] = shown
    for name, most in _OTHER_RESOURCES.items():
        resources[name] = {"limit": most, "used": 0, "remaining": most, "reset": int(now) + 3_600}
    return ask.json({"resources": resources, "rate": resources["core"]})
