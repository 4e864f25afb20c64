"""Routes below `/console/`."""

from django.urls import URLPattern, path

from sync.console import information_pages, making, mapping_pages, matter_pages, orders, pages

app_name = "sync_console"

_ONE = "synchronizations/<str:key>/"

urlpatterns: list[URLPattern] = [
    path("synchronizations/", pages.SynchronizationList.as_view(), name="synchronizations"),
    path("synchronizations/attention", pages.Attention.as_view(), name="attention"),
    path("synchronizations/new/", making.NewPage.as_view(), name="new"),
    path("synchronizations/from-run/<uuid:run>/", making.FromRunPage.as_view(), name="from_run"),
    path(_ONE, pages.SynchronizationPage.as_view(), name="synchronization"),
    path(f"{_ONE}edit/", making.EditPage.as_view(), name="edit"),
    path(f"{_ONE}delete/", pages.DeletePage.as_view(), name="delete"),
    path(f"{_ONE}start", pages.Steer.as_view(), {"order": "start"}, name="start"),
    path(f"{_ONE}stop", pages.Steer.as_view(), {"order": "stop"}, name="stop"),
    path(f"{_ONE}compare", pages.Steer.as_view(), {"order": "compare"}, name="compare"),
    path(f"{_ONE}retry", pages.Steer.as_view(), {"order": "retry"}, name="retry"),
    path(f"{_ONE}tasks/<str:task>/cancel", pages.CancelTask.as_view(), name="task_cancel"),
    path(f"{_ONE}matters/", matter_pages.MatterList.as_view(), name="matters"),
    path(f"{_ONE}matters/<int:matter>/", matter_pages.ResolveMatter.as_view(), name="matter_resolve"),
    path(f"{_ONE}mapping/", mapping_pages.MappingPage.as_view(), name="mapping"),
    path(f"{_ONE}mapping/check", mapping_pages.CheckMapping.as_view(), name="mapping_check"),
    path(f"{_ONE}mapping/publish", mapping_pages.EndDraft.as_view(), {"how": "publish"}, name="draft_publish"),
    path(f"{_ONE}mapping/discard", mapping_pages.EndDraft.as_view(), {"how": "discard"}, name="draft_discard"),
    path(f"{_ONE}pairs/", information_pages.InformationPage.as_view(), name="information"),
    path(f"{_ONE}pairs.csv", information_pages.ExportInformation.as_view(), name="information_export"),
    path(f"{_ONE}pairs/forget", information_pages.ForgetInformation.as_view(), name="information_forget"),
    path(f"{_ONE}pairs/restore", information_pages.RestoreInformation.as_view(), name="information_restore"),
    path(f"{_ONE}resync/", orders.ResyncPage.as_view(), name="resync"),
    path(f"{_ONE}cut-over/", orders.CutOverPage.as_view(), name="cut_over"),
    path(f"{_ONE}webhooks/", orders.HooksPage.as_view(), name="hooks"),
]
