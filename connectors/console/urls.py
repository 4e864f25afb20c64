"""Routes below `/console/`: connectors, scans, prices."""

from django.urls import path

from connectors.console import connector_editing, connectors, prices, scans

app_name = "connectors_console"

urlpatterns = [
    path("connectors/", connectors.ConnectorList.as_view(), name="connectors"),
    path("connectors/new/", connector_editing.ChooseSystem.as_view(), name="connector_new"),
    path("connectors/new/<slug:system>/", connector_editing.NewConnector.as_view(), name="connector_create"),
    path("connectors/try/<slug:system>/", connector_editing.TryParameters.as_view(), name="connector_try"),
    path(
        "connectors/try/<slug:system>/<int:connector>/",
        connector_editing.TryParameters.as_view(),
        name="connector_try_again",
    ),
    path("connectors/<int:connector>/", connectors.ConnectorPage.as_view(), name="connector"),
    path("connectors/<int:connector>/edit/", connector_editing.EditConnector.as_view(), name="connector_edit"),
    path("connectors/<int:connector>/test/", connectors.TestConnector.as_view(), name="connector_test"),
    path("connectors/<int:connector>/delete/", connectors.DeleteConnector.as_view(), name="connector_delete"),
    path("scans/", scans.ScanList.as_view(), name="scans"),
    path("scans/new/", scans.StartScan.as_view(), name="scan_start"),
    path("scans/compare/", scans.CompareScans.as_view(), name="scan_compare"),
    path("scans/<uuid:scan>/", scans.ScanPage.as_view(), name="scan"),
    path("scans/<uuid:scan>/progress/", scans.ScanProgress.as_view(), name="scan_progress"),
    path("scans/<uuid:scan>/<slug:part>.csv", scans.ScanTable.as_view(), name="scan_table"),
    path("prices/", prices.PriceListPage.as_view(), name="prices"),
]
