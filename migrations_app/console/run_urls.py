"""Routes of runs, what they proved and what is searched for; part of `migrations_app.console.urls`."""

from django.urls import URLPattern, path

from migrations_app.console import item_pages, proof_pages, rollback_pages, runs, search_page, steering

urlpatterns: list[URLPattern] = [
    path("runs/", runs.RunsView.as_view(), name="runs"),
    path("runs/<uuid:run>/", runs.RunPage.as_view(), name="run"),
    path("runs/<uuid:run>/state/", runs.RunState.as_view(), name="run-state"),
    path("runs/<uuid:run>/log/", runs.RunLog.as_view(), name="run-log"),
    path("runs/<uuid:run>/news/", runs.RunNews.as_view(), name="run-news"),
    path("runs/<uuid:run>/key-map.csv", runs.RunKeys.as_view(), name="run-keys"),
    path("runs/<uuid:run>/pause/", steering.PauseView.as_view(), name="run-pause"),
    path("runs/<uuid:run>/resume/", steering.ResumeView.as_view(), name="run-resume"),
    path("runs/<uuid:run>/cancel/", steering.CancelView.as_view(), name="run-cancel"),
    path("runs/<uuid:run>/retry/", steering.RetryView.as_view(), name="run-retry"),
    path("runs/<uuid:run>/items/", item_pages.RunItems.as_view(), name="run-items"),
    path("runs/<uuid:run>/items/<path:source>/", item_pages.RunItemPage.as_view(), name="run-item"),
    path("runs/<uuid:run>/verification/", proof_pages.VerificationPage.as_view(), name="verification"),
    path("runs/<uuid:run>/verification.csv", proof_pages.VerificationCsv.as_view(), name="verification-csv"),
    path("runs/<uuid:run>/verification.html", proof_pages.VerificationDocument.as_view(), name="verification-document"),
    path("runs/<uuid:run>/rollback/", rollback_pages.RollbackPage.as_view(), name="rollback"),
    path("search/", search_page.SearchView.as_view(), name="search"),
]
