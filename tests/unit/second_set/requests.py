"""A request of each type in two wordings, as the staff of the example organisation would write it."""

# ruff: noqa: E501 - mails stand as they would be written

from dataclasses import dataclass

from tests.unit.second_set.programs import Pairs

PDF = ("application/pdf", b"%PDF-1.4 1 0 obj endobj trailer")


@dataclass(frozen=True)
class Wanted:
    """A request: who sends it, two ways to label it, files, and the values that it answers."""

    sender: str
    subject: str
    first: Pairs
    second: Pairs
    values: dict[str, str]
    files: tuple[str, ...] = ()


REQUESTS = {
    "hr.policy_query": Wanted(
        "Librarian <libraries.assistant3@northgate.example>",
        "A question about leave",
        [("Policy", "annual leave"), ("Applies to", "me")],
        [("Topic", "Annual Leave"), ("Who it applies to", "me")],
        {"policy_topic": "annual leave", "employee_group": "me"},
    ),
    "hr.new_starter": Wanted(
        "Environment Manager <environment.manager@northgate.example>",
        "Our new colleague",
        [("Vacancy", "VAC-2077"), ("Post", "Parks Ranger"), ("Starting", "30 March 2026"), ("Site", "Riverside Depot"),
         ("Reports to", "Environment Manager"), ("Cost code", "PK5300"), ("Equipment profile", "field tablet")],
        [("Vacancy ref", "vac-2077"), ("Role", "Parks Ranger"), ("Start date", "Mon 30/03/2026"), ("Work location", "Riverside depot"),
         ("Manager", "environment.manager@northgate.example"), ("Cost centre", "pk5300"), ("Equipment", "Field tablet")],
        {"vacancy_reference": "VAC-2077", "job_title": "Parks Ranger", "start_date": "2026-03-30", "work_location": "Riverside Depot",
         "line_manager": "environment.manager@northgate.example", "cost_centre": "PK5300", "equipment_profile": "field tablet"},
    ),
    "hr.role_change": Wanted(
        "Benefits Manager <benefits.manager@northgate.example>",
        "Change for one of my team",
        [("Employee no", "E005904"), ("Type of change", "hours"), ("Effective from", "1 April 2026"), ("New hours", "30 hours over four days"),
         ("Cost code", "BN2200")],
        [("Staff number", "E005904"), ("Kind of change", "Hours"), ("Effective date", "01.04.2026"), ("New value", "30 hours over four days"),
         ("Cost centre after the change", "BN2200")],
        {"employee_number": "E005904", "change_kind": "hours", "effective_date": "2026-04-01", "new_value": "30 hours over four days",
         "cost_centre": "BN2200"},
    ),
    "hr.leaver": Wanted(
        "Customer Services Manager <customer.manager@northgate.example>",
        "Somebody is going",
        [("Employee number", "E008815"), ("Last day", "Friday 27 March 2026"), ("Reason for leaving", "resignation"), ("Kit return", "in person")],
        [("Staff number", "E008815"), ("Leaving date", "27/03/26"), ("Reason", "Resignation"), ("How equipment will be returned", "In person")],
        {"employee_number": "E008815", "last_working_day": "2026-03-27", "reason": "resignation", "equipment_return": "in person"},
        ("letter.pdf",),
    ),
    "hr.absence": Wanted(
        "Waste Collection Supervisor <waste.supervisor@northgate.example>",
        "Off since last week",
        [("Employee number", "E009127"), ("Off since", "12 February 2026"), ("Return date", "23 February 2026")],
        [("Employee no", "E009127"), ("First day of absence", "12/02/2026"), ("Expected return", "23/02/2026")],
        {"employee_number": "E009127", "first_day": "2026-02-12", "expected_return": "2026-02-23"},
    ),
    "hr.parental_leave": Wanted(
        "Library Assistant 3 <libraries.assistant3@northgate.example>",
        "Leave in the summer",
        [("Employee number", "E004533"), ("Kind of leave", "maternity"), ("Baby due", "20 June 2026"), ("Leave from", "1 June 2026")],
        [("Staff number", "E004533"), ("Leave type", "Maternity"), ("Expected date", "20/06/2026"), ("Start of leave", "01/06/2026")],
        {"employee_number": "E004533", "leave_kind": "maternity", "expected_date": "2026-06-20", "leave_start": "2026-06-01"},
        ("MATB1.pdf",),
    ),
    "hr.grievance": Wanted(
        "Collection Driver 27 <waste.driver27@northgate.example>",
        "In confidence",
        [("What happened", "I was shouted at in front of the crew on Tuesday"), ("Contact me by", "phone"), ("Outcome", "an apology")],
        [("Concern", "I was shouted at in front of the crew on Tuesday"), ("Safe contact", "Phone"), ("Resolution wanted", "an apology")],
        {"concern_summary": "I was shouted at in front of the crew on Tuesday", "contact_preference": "phone"},
    ),
    "hr.right_to_work": Wanted(
        "Housing Services Manager <housing.manager@northgate.example>",
        "Check before the first day",
        [("Vacancy", "VAC-2090"), ("Check", "initial"), ("Route", "online share code"), ("Share code", "WX4 9P2 K7T"), ("Starts", "9 March 2026")],
        [("Vacancy reference", "VAC-2090"), ("Kind of check", "Initial"), ("Checking route", "Online share code"), ("Share code", "wx49p2k7t"),
         ("Start date", "09/03/2026")],
        {"vacancy_reference": "VAC-2090", "check_kind": "initial", "route": "online share code", "start_date": "2026-03-09"},
    ),
    "it.access_request": Wanted(
        "Planning Manager <planning.manager@northgate.example>",
        "For my assistant",
        [("Application", "planning portal"), ("Level", "standard user"), ("User", "planning.assistant2@northgate.example"),
         ("By when", "20 February 2026"), ("Impact", "nobody can check in plans on Mondays"), ("Approved by", "planning.manager@northgate.example")],
        [("System", "Planning Portal"), ("Role needed", "Standard user"), ("Account", "Planning Assistant 2"), ("Required by", "Fri 20 Feb 2026, 12:00"),
         ("Who is affected", "nobody can check in plans on Mondays"), ("Approver", "Planning Manager")],
        {"system": "planning portal", "access_level": "standard user", "account": "planning.assistant2@northgate.example",
         "business_impact": "nobody can check in plans on Mondays", "approver": "planning.manager@northgate.example"},
    ),
    "it.incident": Wanted(
        "Elections Manager <elections.manager@northgate.example>",
        "Help please",
        [("Device", "label machine in the post room"), ("Error message", "E-17 tray jam"), ("Since", "16 February 2026 08:50"),
         ("What is blocked", "poll cards cannot go out")],
        [("Affected", "label machine in the post room"), ("What happens", "E-17 tray jam"), ("When did it start", "today at 8.50am"),
         ("Impact", "poll cards cannot go out")],
        {"affected_service": "label machine in the post room", "error_text": "E-17 tray jam", "started_at": "2026-02-16T08:50:00Z",
         "business_impact": "poll cards cannot go out"},
    ),
    "it.account_recovery": Wanted(
        "Democratic Services Clerk 1 <democratic.clerk1@northgate.example>",
        "Locked out this morning",
        [("Account", "democratic.clerk1@northgate.example"), ("Reset", "password"), ("Call me on", "ext 5512")],
        [("User name", "me"), ("What to reset", "Password"), ("Callback", "ext 5512")],
        {"account": "democratic.clerk1@northgate.example", "method": "password", "callback_number": "ext 5512"},
    ),
    "it.equipment": Wanted(
        "Communications Manager <comms.manager@northgate.example>",
        "Something for the studio",
        [("Equipment", "monitor"), ("How many", "2"), ("Deliver to", "Town Hall, room TH-3.10"), ("Cost code", "CM1200"), ("Required by", "6 March 2026")],
        [("Item", "Monitor"), ("Quantity", "two"), ("Delivery", "Town Hall, room TH-3.10"), ("Cost centre", "CM1200"), ("Deadline", "06/03/2026")],
        {"item": "monitor", "quantity": "2", "delivery_location": "Town Hall, room TH-3.10", "cost_centre": "CM1200"},
    ),
    "it.security_incident": Wanted(
        "Family Support Worker 14 <children.worker14@northgate.example>",
        "This worries me",
        [("What happened", "suspicious message"), ("Noticed", "16 February 2026 09:15"), ("Personal data", "no")],
        [("Incident", "Suspicious message"), ("When", "today 9:15"), ("Data involved", "No")],
        {"incident_kind": "suspicious message", "noticed_at": "2026-02-16T09:15:00Z", "data_involved": "no"},
    ),
    "fin.expense_claim": Wanted(
        "Housing Officer 4 <housing.officer4@northgate.example>",
        "Money back",
        [("Employee number", "E007804"), ("Total", "£38.20"), ("Date of expense", "11 February 2026"), ("Category", "rail"), ("Cost code", "HS3100")],
        [("Staff number", "E007804"), ("Claim total", "GBP 38.20"), ("Date", "11/02/2026"), ("Type", "Rail"), ("Cost centre", "hs3100")],
        {"employee_number": "E007804", "amount": "38.20", "expense_date": "2026-02-11", "category": "rail", "cost_centre": "HS3100"},
        ("ticket.pdf",),
    ),
    "fin.payroll_query": Wanted(
        "Highways Engineer 3 <highways.engineer3@northgate.example>",
        "My last slip",
        [("Employee number", "E006603"), ("Pay month", "January 2026"), ("What is wrong", "underpaid"), ("Short by", "£112.40")],
        [("Employee no", "E006603"), ("Pay period", "Jan 2026"), ("Problem", "Underpaid"), ("Difference", "112.40")],
        {"employee_number": "E006603", "pay_period": "2026-01", "problem": "underpaid", "difference": "112.40"},
    ),
    "fin.purchase_request": Wanted(
        "Leisure Centre Duty Manager <leisure.dutymanager@northgate.example>",
        "Lane ropes",
        [("Description", "six lane ropes for the main pool"), ("Cost", "£1,480.00"), ("Vendor", "Poolside Trading Ltd"), ("Cost code", "LS2300"),
         ("Needed by", "13 March 2026"), ("What is blocked", "the gala cannot be held"), ("Approver", "culture.head@northgate.example")],
        [("What", "six lane ropes for the main pool"), ("Amount", "1480 GBP"), ("Supplier", "Poolside Trading Ltd"), ("Cost centre", "LS2300"),
         ("Deadline", "13/03/2026"), ("Business impact", "the gala cannot be held"), ("Approving manager", "Head of Culture")],
        {"description": "six lane ropes for the main pool", "amount": "1480.00", "supplier": "Poolside Trading Ltd", "cost_centre": "LS2300",
         "business_impact": "the gala cannot be held", "approver": "culture.head@northgate.example"},
        ("quote.pdf",),
    ),
    "fin.supplier_setup": Wanted(
        "Procurement Officer 2 <procurement.officer2@northgate.example>",
        "Another firm",
        [("Supplier name", "Fernhill Joinery Ltd"), ("Company no", "07654321"), ("Request", "new supplier"), ("Needed by", "27 February 2026")],
        [("Company", "Fernhill Joinery Ltd"), ("Company number", "07654321"), ("Change", "New supplier"), ("Due", "27/02/2026")],
        {"supplier_name": "Fernhill Joinery Ltd", "company_number": "07654321", "change_kind": "new supplier"},
        ("form.pdf",),
    ),
    "fin.invoice_query": Wanted(
        "Parks Ranger 5 <parks.ranger5@northgate.example>",
        "Still not settled",
        [("Supplier", "Greenway Tools Ltd"), ("Invoice no", "GT-20931"), ("PO", "PO118377"), ("Total", "£864.00")],
        [("Company", "Greenway Tools Ltd"), ("Invoice number", "GT-20931"), ("Order number", "po118377"), ("Value", "864,00")],
        {"supplier_name": "Greenway Tools Ltd", "invoice_number": "GT-20931", "purchase_order": "PO118377", "amount": "864.00"},
        ("GT-20931.pdf",),
    ),
    "fac.building_pass": Wanted(
        "Education Manager <education.manager@northgate.example>",
        "For a temp",
        [("Building", "Civic Centre"), ("Pass for", "agency clerk, admissions"), ("Access from", "23 February 2026"), ("Doors", "first floor and post room")],
        [("Site", "civic centre"), ("Person", "agency clerk, admissions"), ("Start date", "23/02/2026"), ("Areas", "first floor and post room")],
        {"site": "Civic Centre", "person": "agency clerk, admissions", "access_from": "2026-02-23", "areas": "first floor and post room"},
    ),
    "fac.repair": Wanted(
        "Registrar 2 <registrars.officer2@northgate.example>",
        "Ceremony room",
        [("Site", "Town Hall"), ("Where", "room TH-1.02"), ("Problem", "the big window does not shut"), ("Unsafe", "no"),
         ("Who is affected", "couples on Saturday")],
        [("Location", "town hall"), ("Room", "TH-1.02"), ("What is wrong", "the big window does not shut"), ("Is anyone at risk", "No"),
         ("Business impact", "couples on Saturday")],
        {"site": "Town Hall", "fault": "the big window does not shut", "hazard": "no", "business_impact": "couples on Saturday"},
    ),
    "leg.contract_review": Wanted(
        "Children's Services Team Manager <children.teammanager@northgate.example>",
        "Please look at this",
        [("Other party", "Larkspur Play CIC"), ("Contract value", "£18,000"), ("Length", "12 months"), ("Personal data", "yes"),
         ("Needed by", "6 March 2026"), ("What is blocked", "holiday clubs cannot be booked")],
        [("Counterparty", "Larkspur Play CIC"), ("Value", "18k"), ("Duration", "12 months"), ("Does it involve personal data", "Yes"),
         ("Deadline", "06/03/2026"), ("Business impact", "holiday clubs cannot be booked")],
        {"counterparty": "Larkspur Play CIC", "value": "18000.00", "term": "12 months", "personal_data": "yes",
         "business_impact": "holiday clubs cannot be booked"},
        ("draft.docx",),
    ),
    "leg.data_protection": Wanted(
        "Adult Care Manager <adultcare.manager@northgate.example>",
        "A letter from a resident",
        [("Kind", "correction"), ("Date received", "13 February 2026"), ("ID confirmed", "yes"), ("Scope", "the address in the care plan")],
        [("Request", "Correction"), ("Received", "13/02/2026"), ("Identity confirmed", "Yes"), ("What data", "the address in the care plan")],
        {"request_kind": "correction", "received_on": "2026-02-13", "identity_confirmed": "yes", "scope": "the address in the care plan"},
    ),
}  # fmt: skip
"""All types of the example catalogue."""
