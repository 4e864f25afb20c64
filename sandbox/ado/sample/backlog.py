"""The plan of the fictional product: epics, their features, the stories of each."""

from __future__ import annotations

BACKLOG: dict[str, dict[str, tuple[str, ...]]] = {
    "Travellers book without calling us": {
        "Search for a crossing": (
            "Search by route and day",
            "Show departures that still have room for a camper",
            "Remember the last route on this device",
            "Explain why a departure cannot be booked",
        ),
        "Choose a fare": (
            "Compare flexible and saver fares side by side",
            "Show the price for the whole party before the details",
            "Offer the residents' discount after a postcode check",
        ),
        "Pay": (
            "Pay with a card in one step",
            "Keep the seat for fifteen minutes while paying",
            "Send a receipt with the VAT split",
            "Pay the rest on board",
        ),
    },
    "Check-in takes less than a minute": {
        "Boarding pass on the phone": (
            "Open the boarding pass without a network",
            "Show the lane number next to the code",
            "Refresh the pass when the berth changes",
        ),
        "Gate scanners": (
            "Read a code in bright sunlight",
            "Board a group with one scan",
            "Say aloud what is wrong with a ticket",
            "Keep scanning while the line to the office is down",
        ),
        "Vehicle lanes": (
            "Measure the vehicle and suggest the lane",
            "Reserve room for ambulances until ten minutes before departure",
            "Hand over the loading list to the mate",
        ),
    },
    "The deck is loaded safely": {
        "Stowage plan": (
            "Draw the car deck with axle weights",
            "Warn when the list exceeds two degrees",
            "Keep dangerous goods apart",
        ),
        "Passenger manifest": (
            "Count everybody who really boarded",
            "Transmit the manifest to the harbour within five minutes",
            "Correct a name after departure",
        ),
        "Crew drills": (
            "Plan the monthly drill for each vessel",
            "Record who took part and what was found",
        ),
    },
    "When the weather turns": {
        "Cancel a departure": (
            "Cancel with one reason for all channels",
            "Offer the next two departures at once",
            "Refund to the way of payment used",
            "Pay hotel vouchers after midnight",
        ),
        "Tell everybody": (
            "Send a text message to all who booked",
            "Put the notice on the boards of both harbours",
            "Write the notice in four languages",
        ),
    },
    "One price list for all channels": {
        "Seasons and fares": (
            "Enter next season's fares without a developer",
            "Try out a fare on last year's bookings",
            "Publish at midnight and take back until noon",
        ),
        "Agencies": (
            "Give an agency its own allotment",
            "Settle commissions each month",
            "Close an agency account cleanly",
        ),
    },
    "Know how the day went": {
        "Operations dashboard": (
            "Show punctuality by route",
            "Compare load with the same day last year",
            "Drill down from a number to its departures",
        ),
        "Monthly statement": (
            "Balance sales against payments",
            "Export in the form the auditors ask for",
        ),
    },
    "Old systems go away": {
        "Take over the customer file": (
            "Match people who are stored twice",
            "Forget those who asked to be forgotten",
            "Keep loyalty points exact to the point",
        ),
        "Switch off the mainframe": (
            "Read the last tape",
            "Run both systems for one week in parallel",
            "Sign the end of the maintenance contract",
        ),
    },
}

TASKS = (
    "Write the acceptance tests",
    "Draw the screens with the gate staff",
    "Add the endpoint and its description",
    "Move the old records",
    "Measure the response time on a slow phone",
    "Translate the texts",
    "Review with the safety officer",
)

BUGS = (
    "Double charge after the browser's back button",
    "Boarding pass shows yesterday's date in the first hour after midnight",
    "Scanner beeps for a valid group ticket",
    "Names with an apostrophe (O'Neill) cut off on the manifest",
    "Total off by one cent for seven passengers",
    "Lane number missing for motorcycles",
    "Search finds nothing for harbours with an umlaut, e.g. Mölle",
    "Session lost when the phone changes from Wi-Fi to mobile",
    "Notice boards keep the cancelled departure until restart",
    "Refund e-mail arrives twice",
    "Camper longer than 12 m accepted on the small vessel",
    "PDF receipt has black boxes instead of € signs",
    "Agency sees the allotment of another agency",
    "Print preview empty in landscape",
    "Export fails for a month with 31 days",
    "Dashboard shows 101 % load",
    "Residents' discount applied to freight",
    "Drill list sorted by first name",
)

ISSUES = (
    "Harbour master wants the manifest as a fax as well",
    "Contract with the payment provider ends in spring",
    "No test harbour available during the regatta",
    "Key user on parental leave",
    "Sunlight tests need a sunny day",
    "Legal has not answered about hotel vouchers",
)

INCIDENTS = (
    "Ramp stopped half-way at berth 3",
    "Passenger count off by two after the evening run",
    "Wrong announcement language on the morning ferry",
    "Tablet fell into the water, data safe",
    "Queue reached the roundabout on Easter Monday",
    "Diesel smell on deck 2",
    "Child found without a wristband",
    "Network outage of forty minutes at the north pier",
)

ODD_TITLES = (
    "   Leading and trailing spaces in a title   ",
    "He said \"board\", she heard 'bored' & <nobody> laughed",
    "🚢⛴️ Ferry emoji family 👨‍👩‍👧‍👦 in the newsletter",
    "تحديث جدول الرحلات إلى الميناء",
    "乗船券の印刷が遅い",
    "Tabs\tand double  spaces kept",
    "#4711 is not a work item but a cabin",
    "C:\\Tickets\\2024\\*.pdf cannot be opened",
    "=SUM(A1:A9) shown instead of the number",
    "Ünïcödé everywhere — “quotes”, ‘apostrophes’, … and –dashes–",
    "x",
)
"""Titles that break naive code; the longest one is made to measure."""
